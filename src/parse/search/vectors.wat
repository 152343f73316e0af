;; The search with vector instructions: 16 bytes at a time. vectors.ts calls it and fills its memory;
;; `npm run wasm` compiles it.
(module
  ;; In pages of 64 KiB: see vectors.ts.
  (memory (export "memory") 43)

  ;; Finds the marks in the bytes from $at to $end. The place of each is written to $found, four bytes
  ;; each; returns the end of that. Up to 15 bytes beyond $end are looked at too.
  ;;
  ;; A byte is looked up by its low and by its high four bits. Each lookup gives a set of groups of
  ;; marks, a bit for each: those groups that have a mark with such four bits at the first (A), second
  ;; (B) or third (C) place. Where a group is left in all six sets, it probably has a mark there.
  (func (export "find")
    (param $lookups i32) (param $at i32) (param $end i32) (param $found i32) (result i32)
    (local $bytes v128) (local $low v128) (local $high v128) (local $four v128)
    (local $lowA v128) (local $highA v128) (local $lowB v128)
    (local $highB v128) (local $lowC v128) (local $highC v128)
    (local $A v128) (local $B v128) (local $nextA v128) (local $nextB v128)
    (local $groups v128) (local $bits i32)
    (local.set $four (i8x16.splat (i32.const 15)))
    (local.set $lowA (v128.load offset=0 (local.get $lookups)))
    (local.set $highA (v128.load offset=16 (local.get $lookups)))
    (local.set $lowB (v128.load offset=32 (local.get $lookups)))
    (local.set $highB (v128.load offset=48 (local.get $lookups)))
    (local.set $lowC (v128.load offset=64 (local.get $lookups)))
    (local.set $highC (v128.load offset=80 (local.get $lookups)))
    (block $done
      (loop $vector
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $bytes (v128.load (local.get $at)))
        (local.set $low (v128.and (local.get $bytes) (local.get $four)))
        (local.set $high
          (v128.and (i16x8.shr_u (local.get $bytes) (i32.const 4)) (local.get $four)))
        (local.set $nextA
          (v128.and
            (i8x16.swizzle (local.get $lowA) (local.get $low))
            (i8x16.swizzle (local.get $highA) (local.get $high))))
        (local.set $nextB
          (v128.and
            (i8x16.swizzle (local.get $lowB) (local.get $low))
            (i8x16.swizzle (local.get $highB) (local.get $high))))
        ;; A two bytes and B one byte earlier than C; the first ones are from the vector before.
        (local.set $groups
          (v128.and
            (v128.and
              (i8x16.shuffle 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29
                (local.get $A) (local.get $nextA))
              (i8x16.shuffle 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30
                (local.get $B) (local.get $nextB)))
            (v128.and
              (i8x16.swizzle (local.get $lowC) (local.get $low))
              (i8x16.swizzle (local.get $highC) (local.get $high)))))
        (local.set $A (local.get $nextA))
        (local.set $B (local.get $nextB))
        (if (v128.any_true (local.get $groups))
          (then
            (local.set $bits
              (i8x16.bitmask (i8x16.ne (local.get $groups) (v128.const i64x2 0 0))))
            (loop $mark
              (i32.store
                (local.get $found)
                (i32.add
                  (i32.sub (local.get $at) (i32.const 2))
                  (i32.ctz (local.get $bits))))
              (local.set $found (i32.add (local.get $found) (i32.const 4)))
              (local.set $bits
                (i32.and (local.get $bits) (i32.sub (local.get $bits) (i32.const 1))))
              (br_if $mark (local.get $bits)))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $vector)))
    (local.get $found))

  ;; Counts the newlines in the bytes from $at to $end.
  (func (export "count") (param $at i32) (param $end i32) (result i32)
    (local $newline v128) (local $sums v128) (local $count i32)
    (local.set $newline (i8x16.splat (i32.const 10)))
    (block $done
      (loop $vectors
        (br_if $done
          (i32.gt_u (i32.add (local.get $at) (i32.const 64)) (local.get $end)))
        ;; A byte that is a newline becomes -1. Pairs of bytes are added to each of four sums.
        (local.set $sums
          (i32x4.sub
            (local.get $sums)
            (i32x4.extadd_pairwise_i16x8_s
              (i16x8.extadd_pairwise_i8x16_s
                (i8x16.add
                  (i8x16.add
                    (i8x16.eq (v128.load offset=0 (local.get $at)) (local.get $newline))
                    (i8x16.eq (v128.load offset=16 (local.get $at)) (local.get $newline)))
                  (i8x16.add
                    (i8x16.eq (v128.load offset=32 (local.get $at)) (local.get $newline))
                    (i8x16.eq (v128.load offset=48 (local.get $at)) (local.get $newline))))))))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $vectors)))
    (local.set $count
      (i32.add
        (i32.add
          (i32x4.extract_lane 0 (local.get $sums))
          (i32x4.extract_lane 1 (local.get $sums)))
        (i32.add
          (i32x4.extract_lane 2 (local.get $sums))
          (i32x4.extract_lane 3 (local.get $sums)))))
    (block $done
      (loop $byte
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $count
          (i32.add
            (local.get $count)
            (i32.eq (i32.load8_u (local.get $at)) (i32.const 10))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $byte)))
    (local.get $count)))
