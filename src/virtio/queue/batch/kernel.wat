;; A batch of chains of a split ring in one call: `take` walks them and reads what they bring, `give` answers them and
;; puts them into the used ring. `npm run wasm` writes kernel-module.ts from this text.
;;
;; Two records in the same memory as guest RAM say what to work on, all numbers of 32 bits and all places byte offsets:
;;
;;   ring   0 descriptors   4 avail.ring   8 used.ring   12 entries   16 in flight, 16 bits a head
;;          20 bytes of RAM that buffers may lie in   24 where guest address 0 lies   28 whether tables are negotiated
;;   batch  0 slots   4 bytes of a slot; 0 for chains that are not read   8 spans   12 their end   16 chains, each:
;;          0 id   4 bytes written   8 readable bytes   12 writable bytes   16 buffers   20 writable spans
;;          24 where the answer lies; 0 if what was written is there
;;
;; A span is a buffer's guest address and length. All that the guest wrote is checked as `SplitQueue.fastWalk` checks it.
(module
  (import "guest" "ram" (memory 0))

  ;; Between guest RAM and the staging, which are apart: so what is left of 16 or 8 bytes is copied with bytes before it.
  (func $copy (param $to i32) (param $from i32) (param $count i32)
    (local $last i32)
    ;; memory.copy is a call into the engine, which costs what a few hundred bytes do.
    (if (i32.gt_u (local.get $count) (i32.const 192))
      (then
        (memory.copy (local.get $to) (local.get $from) (local.get $count))
        (return)))
    (if (i32.ge_u (local.get $count) (i32.const 16))
      (then
        (local.set $last (i32.sub (i32.add (local.get $from) (local.get $count)) (i32.const 16)))
        (local.set $count (i32.sub (i32.add (local.get $to) (local.get $count)) (i32.const 16)))
        (loop $more
          (v128.store (local.get $to) (v128.load (local.get $from)))
          (local.set $to (i32.add (local.get $to) (i32.const 16)))
          (local.set $from (i32.add (local.get $from) (i32.const 16)))
          (br_if $more (i32.lt_u (local.get $from) (local.get $last))))
        (v128.store (local.get $count) (v128.load (local.get $last)))
        (return)))
    (if (i32.ge_u (local.get $count) (i32.const 8))
      (then
        (i64.store (local.get $to) (i64.load (local.get $from)))
        (local.set $count (i32.sub (local.get $count) (i32.const 8)))
        (i64.store (i32.add (local.get $to) (local.get $count)) (i64.load (i32.add (local.get $from) (local.get $count))))
        (return)))
    (if (i32.ge_u (local.get $count) (i32.const 4))
      (then
        (i32.store (local.get $to) (i32.load (local.get $from)))
        (local.set $count (i32.sub (local.get $count) (i32.const 4)))
        (i32.store (i32.add (local.get $to) (local.get $count)) (i32.load (i32.add (local.get $from) (local.get $count))))
        (return)))
    (loop $more
      (if (local.get $count)
        (then
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (i32.store8 (i32.add (local.get $to) (local.get $count)) (i32.load8_u (i32.add (local.get $from) (local.get $count))))
          (br $more)))))

  ;; Whether a buffer is empty or not inside RAM: its address has 64 bits, and its end may be past them.
  (func $outside (param $address i64) (param $len i32) (param $ram i64) (result i32)
    (i32.or (i64.ge_u (local.get $address) (local.get $ram))
      (i64.gt_u (i64.extend_i32_u (local.get $len)) (i64.sub (local.get $ram) (local.get $address)))))

  ;; Takes up to `most` chains from avail.ring[next] on; how many. It stops before the first that is not plain.
  (func (export "take") (param $ring i32) (param $batch i32) (param $next i32) (param $most i32) (result i32)
    (local $desc i32) (local $avail i32) (local $entries i32) (local $inFlight i32) (local $ram i64) (local $base i32)
    (local $record i32) (local $slot i32) (local $slotBytes i32) (local $span i32) (local $spansEnd i32) (local $taken i32)
    (local $head i32) (local $table i32) (local $count i32) (local $at i32) (local $address i64) (local $len i32)
    (local $flags i32) (local $buffers i32) (local $readable i64) (local $writable i64) (local $first i32)
    (local.set $desc (i32.load (local.get $ring)))
    (local.set $avail (i32.load offset=4 (local.get $ring)))
    (local.set $entries (i32.load offset=12 (local.get $ring)))
    (local.set $inFlight (i32.load offset=16 (local.get $ring)))
    (local.set $ram (i64.load32_u offset=20 (local.get $ring)))
    (local.set $base (i32.load offset=24 (local.get $ring)))
    (local.set $slot (i32.load (local.get $batch)))
    (local.set $slotBytes (i32.load offset=4 (local.get $batch)))
    (local.set $span (i32.load offset=8 (local.get $batch)))
    (local.set $spansEnd (i32.load offset=12 (local.get $batch)))
    (local.set $record (i32.add (local.get $batch) (i32.const 16)))
    (block $over
      (loop $chain
        (br_if $over (i32.eq (local.get $taken) (local.get $most)))
        (local.set $head (i32.load16_u (i32.add (local.get $avail) (i32.shl
          (i32.and (local.get $next) (i32.sub (local.get $entries) (i32.const 1))) (i32.const 1)))))
        (br_if $over (i32.ge_u (local.get $head) (local.get $entries)))
        (br_if $over (i32.load16_u (i32.add (local.get $inFlight) (i32.shl (local.get $head) (i32.const 1)))))
        (local.set $table (local.get $desc))
        (local.set $count (local.get $entries))
        (local.set $at (i32.add (local.get $desc) (i32.shl (local.get $head) (i32.const 4))))
        ;; Behind one INDIRECT descriptor, and nothing else, the chain is in a table.
        (if (i32.eq (i32.and (i32.load16_u offset=12 (local.get $at)) (i32.const 0xfffd)) (i32.const 4))
          (then
            (local.set $address (i64.load (local.get $at)))
            (local.set $len (i32.load offset=8 (local.get $at)))
            (br_if $over (i32.eqz (i32.load offset=28 (local.get $ring))))
            (br_if $over (i32.or
              (i32.or (i32.eqz (local.get $len)) (i32.and (local.get $len) (i32.const 15)))
              (i32.and (i32.wrap_i64 (local.get $address)) (i32.const 3))))
            (br_if $over (call $outside (local.get $address) (local.get $len) (local.get $ram)))
            (local.set $table (i32.add (local.get $base) (i32.wrap_i64 (local.get $address))))
            (local.set $count (i32.shr_u (local.get $len) (i32.const 4)))
            (local.set $at (local.get $table))))
        (local.set $buffers (i32.const 0))
        (local.set $readable (i64.const 0))
        (local.set $writable (i64.const 0))
        (local.set $first (local.get $span))
        (block $whole
          (loop $buffer
            (local.set $address (i64.load (local.get $at)))
            (local.set $len (i32.load offset=8 (local.get $at)))
            (local.set $flags (i32.load16_u offset=12 (local.get $at)))
            ;; It has a flag but NEXT and WRITE, is empty, or is not inside RAM: its address has 64 bits, and its end may be past them.
            (br_if $over (i32.gt_u (local.get $flags) (i32.const 3)))
            (br_if $over (i32.eqz (local.get $len)))
            (br_if $over (i64.ge_u (local.get $address) (local.get $ram)))
            (br_if $over (i64.gt_u (i64.extend_i32_u (local.get $len)) (i64.sub (local.get $ram) (local.get $address))))
            (br_if $over (i32.eq (local.get $buffers) (local.get $entries)))
            (local.set $buffers (i32.add (local.get $buffers) (i32.const 1)))
            (if (i32.and (local.get $flags) (i32.const 2))
              (then
                (br_if $over (i32.eq (local.get $span) (local.get $spansEnd)))
                (local.set $writable (i64.add (local.get $writable) (i64.extend_i32_u (local.get $len))))
                (i64.store32 (local.get $span) (local.get $address))
                (i32.store offset=4 (local.get $span) (local.get $len))
                (local.set $span (i32.add (local.get $span) (i32.const 8))))
              (else
                (br_if $over (i32.ne (local.get $span) (local.get $first)))
                (if (local.get $slotBytes)
                  (then
                    (br_if $over (i32.gt_u (local.get $len)
                      (i32.sub (local.get $slotBytes) (i32.wrap_i64 (local.get $readable)))))
                    (call $copy (i32.add (local.get $slot) (i32.wrap_i64 (local.get $readable)))
                      (i32.add (local.get $base) (i32.wrap_i64 (local.get $address))) (local.get $len))))
                (local.set $readable (i64.add (local.get $readable) (i64.extend_i32_u (local.get $len))))))
            (br_if $whole (i32.eqz (i32.and (local.get $flags) (i32.const 1))))
            (local.set $flags (i32.load16_u offset=14 (local.get $at)))
            (br_if $over (i32.ge_u (local.get $flags) (local.get $count)))
            (local.set $at (i32.add (local.get $table) (i32.shl (local.get $flags) (i32.const 4))))
            (br $buffer)))
        ;; A sum that a column does not hold.
        (br_if $over (i32.wrap_i64 (i64.shr_u (i64.or (local.get $readable) (local.get $writable)) (i64.const 31))))
        (i32.store16 (i32.add (local.get $inFlight) (i32.shl (local.get $head) (i32.const 1))) (i32.const 1))
        (i64.store (local.get $record) (i64.extend_i32_u (local.get $head)))
        (i64.store32 offset=8 (local.get $record) (local.get $readable))
        (i64.store32 offset=12 (local.get $record) (local.get $writable))
        (i32.store offset=16 (local.get $record) (local.get $buffers))
        (i32.store offset=20 (local.get $record) (local.get $first))
        (i32.store offset=24 (local.get $record) (i32.const 0))
        (local.set $record (i32.add (local.get $record) (i32.const 32)))
        (local.set $slot (i32.add (local.get $slot) (local.get $slotBytes)))
        (local.set $next (i32.add (local.get $next) (i32.const 1)))
        (local.set $taken (i32.add (local.get $taken) (i32.const 1)))
        (br $chain)))
    (local.get $taken))

  ;; Answers `count` chains and puts them into used.ring from `next` on.
  (func (export "give") (param $ring i32) (param $batch i32) (param $next i32) (param $count i32)
    (local $used i32) (local $mask i32) (local $inFlight i32) (local $base i32) (local $record i32) (local $end i32)
    (local $element i64) (local $left i32) (local $from i32) (local $span i32) (local $n i32)
    (local.set $used (i32.load offset=8 (local.get $ring)))
    (local.set $mask (i32.sub (i32.load offset=12 (local.get $ring)) (i32.const 1)))
    (local.set $inFlight (i32.load offset=16 (local.get $ring)))
    (local.set $base (i32.load offset=24 (local.get $ring)))
    (local.set $record (i32.add (local.get $batch) (i32.const 16)))
    (local.set $end (i32.add (local.get $record) (i32.shl (local.get $count) (i32.const 5))))
    (block $over
      (loop $chain
        (br_if $over (i32.eq (local.get $record) (local.get $end)))
        (local.set $from (i32.load offset=24 (local.get $record)))
        (if (local.get $from)
          (then
            (local.set $left (i32.load offset=4 (local.get $record)))
            (local.set $span (i32.load offset=20 (local.get $record)))
            (block $written
              (loop $buffer
                (br_if $written (i32.eqz (local.get $left)))
                (local.set $n (i32.load offset=4 (local.get $span)))
                (if (i32.gt_u (local.get $n) (local.get $left)) (then (local.set $n (local.get $left))))
                (call $copy (i32.add (local.get $base) (i32.load (local.get $span))) (local.get $from) (local.get $n))
                (local.set $from (i32.add (local.get $from) (local.get $n)))
                (local.set $left (i32.sub (local.get $left) (local.get $n)))
                (local.set $span (i32.add (local.get $span) (i32.const 8)))
                (br $buffer)))))
        ;; Id and bytes written, as they stand in the used ring.
        (local.set $element (i64.load (local.get $record)))
        (i64.store (i32.add (local.get $used) (i32.shl (i32.and (local.get $next) (local.get $mask)) (i32.const 3)))
          (local.get $element))
        (i32.store16 (i32.add (local.get $inFlight) (i32.shl (i32.wrap_i64 (local.get $element)) (i32.const 1))) (i32.const 0))
        (local.set $record (i32.add (local.get $record) (i32.const 32)))
        (local.set $next (i32.add (local.get $next) (i32.const 1)))
        (br $chain))))
)
