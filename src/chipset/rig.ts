export { Rig } from '../core/rig.ts';
