;; Copies within guest RAM and the staging behind it, between places that do not overlap. `npm run wasm` writes
;; copy-module.ts from this text: as it stands, and for a memory that threads share, whose import must say so.
(module
  (import "guest" "ram" (memory 0))
  (func (export "copy") (param $to i32) (param $from i32) (param $count i32)
    (local $i i32)
    (local $last i32)
    ;; memory.copy is a call into the engine, which costs what a hundred bytes do.
    (if (i32.gt_u (i32.sub (local.get $count) (i32.const 8)) (i32.const 96))
      (then
        (memory.copy (local.get $to) (local.get $from) (local.get $count))
        (return)))
    ;; Words from the first byte on, and one that ends with the last byte, whatever it has in common with the one before.
    (local.set $last (i32.sub (local.get $count) (i32.const 8)))
    (loop $words
      (if (i32.lt_u (local.get $i) (local.get $last))
        (then
          (i64.store (i32.add (local.get $to) (local.get $i))
            (i64.load (i32.add (local.get $from) (local.get $i))))
          (local.set $i (i32.add (local.get $i) (i32.const 8)))
          (br $words))))
    (i64.store (i32.add (local.get $to) (local.get $last))
      (i64.load (i32.add (local.get $from) (local.get $last))))))
