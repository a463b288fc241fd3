;; Copies within guest RAM and the staging behind it, between places that do not overlap, and sums of what lies there.
;; `npm run wasm` writes kernels-module.ts from this text: as it stands, and for a memory that threads share, whose import must say so.
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
      (v128.load (i32.sub (local.get $fromEnd) (i32.const 64)))))

  ;; What is left of a sum in words of 32 bits, which is less than 2^48, as 16 bits in the order of the network.
  (func $fold (param $sum i64) (result i32)
    (local $low i32)
    (local.set $sum (i64.add (i64.and (local.get $sum) (i64.const 0xffffffff))
      (i64.shr_u (local.get $sum) (i64.const 32))))
    (local.set $sum (i64.add (i64.and (local.get $sum) (i64.const 0xffff)) (i64.shr_u (local.get $sum) (i64.const 16))))
    (local.set $low (i32.wrap_i64 (local.get $sum)))
    (local.set $low (i32.add (i32.and (local.get $low) (i32.const 0xffff)) (i32.shr_u (local.get $low) (i32.const 16))))
    (local.set $low (i32.add (i32.and (local.get $low) (i32.const 0xffff)) (i32.shr_u (local.get $low) (i32.const 16))))
    (i32.or (i32.shr_u (local.get $low) (i32.const 8))
      (i32.shl (i32.and (local.get $low) (i32.const 0xff)) (i32.const 8))))

  ;; The four sums in a vector, each of 32 bits.
  (func $across (param $sums v128) (result i64)
    (i64.add
      (i64.add (i64.extend_i32_u (i32x4.extract_lane 0 (local.get $sums)))
        (i64.extend_i32_u (i32x4.extract_lane 1 (local.get $sums))))
      (i64.add (i64.extend_i32_u (i32x4.extract_lane 2 (local.get $sums)))
        (i64.extend_i32_u (i32x4.extract_lane 3 (local.get $sums))))))

  ;; The last bytes, less than sixteen, by ever shorter words; a last single one is followed by zero.
  (func $rest (param $at i32) (param $count i32) (result i64)
    (local $sum i64)
    (local $long i64)
    (if (i32.and (local.get $count) (i32.const 8))
      (then
        (local.set $long (i64.load (local.get $at)))
        (local.set $sum (i64.add (i64.and (local.get $long) (i64.const 0xffffffff))
          (i64.shr_u (local.get $long) (i64.const 32))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))))
    (if (i32.and (local.get $count) (i32.const 4))
      (then
        (local.set $sum (i64.add (local.get $sum) (i64.load32_u (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))))
    (if (i32.and (local.get $count) (i32.const 2))
      (then
        (local.set $sum (i64.add (local.get $sum) (i64.load16_u (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 2)))))
    (if (i32.and (local.get $count) (i32.const 1))
      (then (local.set $sum (i64.add (local.get $sum) (i64.load8_u (local.get $at))))))
    (local.get $sum))

  (func $copyRest (param $to i32) (param $from i32) (param $count i32)
    (if (i32.and (local.get $count) (i32.const 8))
      (then
        (i64.store (local.get $to) (i64.load (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))))
    (if (i32.and (local.get $count) (i32.const 4))
      (then
        (i32.store (local.get $to) (i32.load (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (local.set $from (i32.add (local.get $from) (i32.const 4)))))
    (if (i32.and (local.get $count) (i32.const 2))
      (then
        (i32.store16 (local.get $to) (i32.load16_u (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 2)))
        (local.set $from (i32.add (local.get $from) (i32.const 2)))))
    (if (i32.and (local.get $count) (i32.const 1))
      (then (i32.store8 (local.get $to) (i32.load8_u (local.get $from))))))

  ;; The Internet checksum's sum of up to 65,536 words, which no lane of a vector overflows in.
  (func (export "sum") (param $at i32) (param $count i32) (result i32)
    (local $end i32)
    (local $a v128)
    (local $b v128)
    (local.set $end (i32.add (local.get $at) (i32.and (local.get $count) (i32.const -32))))
    (block $over
      (loop $more
        (br_if $over (i32.eq (local.get $at) (local.get $end)))
        (local.set $a (i32x4.add (local.get $a) (i32x4.extadd_pairwise_i16x8_u (v128.load (local.get $at)))))
        (local.set $b (i32x4.add (local.get $b) (i32x4.extadd_pairwise_i16x8_u (v128.load offset=16 (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 32)))
        (br $more)))
    (if (i32.and (local.get $count) (i32.const 16))
      (then
        (local.set $a (i32x4.add (local.get $a) (i32x4.extadd_pairwise_i16x8_u (v128.load (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))))
    (call $fold (i64.add (call $across (i32x4.add (local.get $a) (local.get $b)))
      (call $rest (local.get $at) (local.get $count)))))

  ;; Copies, and sums what it copies.
  (func (export "copySum") (param $to i32) (param $from i32) (param $count i32) (result i32)
    (local $end i32)
    (local $v v128)
    (local $w v128)
    (local $a v128)
    (local $b v128)
    (local.set $end (i32.add (local.get $from) (i32.and (local.get $count) (i32.const -32))))
    (block $over
      (loop $more
        (br_if $over (i32.eq (local.get $from) (local.get $end)))
        (local.set $v (v128.load (local.get $from)))
        (local.set $w (v128.load offset=16 (local.get $from)))
        (v128.store (local.get $to) (local.get $v))
        (v128.store offset=16 (local.get $to) (local.get $w))
        (local.set $a (i32x4.add (local.get $a) (i32x4.extadd_pairwise_i16x8_u (local.get $v))))
        (local.set $b (i32x4.add (local.get $b) (i32x4.extadd_pairwise_i16x8_u (local.get $w))))
        (local.set $from (i32.add (local.get $from) (i32.const 32)))
        (local.set $to (i32.add (local.get $to) (i32.const 32)))
        (br $more)))
    (if (i32.and (local.get $count) (i32.const 16))
      (then
        (local.set $v (v128.load (local.get $from)))
        (v128.store (local.get $to) (local.get $v))
        (local.set $a (i32x4.add (local.get $a) (i32x4.extadd_pairwise_i16x8_u (local.get $v))))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))))
    (call $copyRest (local.get $to) (local.get $from) (local.get $count))
    (call $fold (i64.add (call $across (i32x4.add (local.get $a) (local.get $b)))
      (call $rest (local.get $from) (local.get $count)))))
)
