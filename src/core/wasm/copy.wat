;; Copies within guest RAM and the staging behind it, between places that do not overlap. `npm run wasm` writes
;; copy-module.ts from this text: as it stands, and for a memory that threads share, whose import must say so.
(module
  (import "guest" "ram" (memory 0))
  (func (export "copy") (param $to i32) (param $from i32) (param $count i32)
    (local $toEnd i32)
    (local $fromEnd i32)
    ;; memory.copy is a call into the engine, which costs what a hundred bytes do.
    (if (i32.gt_u (i32.sub (local.get $count) (i32.const 8)) (i32.const 120))
      (then
        (memory.copy (local.get $to) (local.get $from) (local.get $count))
        (return)))
    ;; As many bytes from the first on as up to the last, whatever the two have in common: no loop, and no rest.
    (local.set $toEnd (i32.add (local.get $to) (local.get $count)))
    (local.set $fromEnd (i32.add (local.get $from) (local.get $count)))
    (if (i32.lt_u (local.get $count) (i32.const 16))
      (then
        (i64.store (local.get $to) (i64.load (local.get $from)))
        (i64.store (i32.sub (local.get $toEnd) (i32.const 8))
          (i64.load (i32.sub (local.get $fromEnd) (i32.const 8))))
        (return)))
    (v128.store (local.get $to) (v128.load (local.get $from)))
    (v128.store (i32.sub (local.get $toEnd) (i32.const 16))
      (v128.load (i32.sub (local.get $fromEnd) (i32.const 16))))
    (if (i32.le_u (local.get $count) (i32.const 32)) (then (return)))
    (v128.store offset=16 (local.get $to) (v128.load offset=16 (local.get $from)))
    (v128.store (i32.sub (local.get $toEnd) (i32.const 32))
      (v128.load (i32.sub (local.get $fromEnd) (i32.const 32))))
    (if (i32.le_u (local.get $count) (i32.const 64)) (then (return)))
    (v128.store offset=32 (local.get $to) (v128.load offset=32 (local.get $from)))
    (v128.store (i32.sub (local.get $toEnd) (i32.const 48))
      (v128.load (i32.sub (local.get $fromEnd) (i32.const 48))))
    (v128.store offset=48 (local.get $to) (v128.load offset=48 (local.get $from)))
    (v128.store (i32.sub (local.get $toEnd) (i32.const 64))
      (v128.load (i32.sub (local.get $fromEnd) (i32.const 64))))))
