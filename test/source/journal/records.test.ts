import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../../support/fast-check.ts';
import {
  cursorOf,
  cursorTime,
  freshRecords,
  recordBlocks,
  seenEntries,
} from '../../../src/source/journal/records.ts';

const line = (cursor: string, message: unknown) =>
  Buffer.from(JSON.stringify({ MESSAGE: message, __CURSOR: cursor }) + '\n');

void test('blocks hold whole records, whatever the chunks', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.array(fc.nat(50), { minLength: 1 }),
      (lines, cuts) => {
        const records = lines.map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10)));
        const all = Buffer.concat(records.flatMap((bytes) => [bytes, Buffer.from('\n')]));
        const left: number[] = [];
        const push = recordBlocks((bytes) => left.push(bytes), 20);
        const blocks: Buffer[] = [];
        for (let at = 0, i = 0; at < all.length; i++) {
          const size = 1 + (cuts[i % cuts.length] ?? 0);
          const block = push(all.subarray(at, at + size));
          if (block) blocks.push(block);
          at += size;
        }
        for (const block of blocks) assert.equal(block.at(-1), 10);
        const short = records.filter((bytes) => bytes.length < 20);
        assert.ok(left.every((length) => length > 20));
        // A long record that came whole in one chunk needs no memory, so it may be let through.
        const through = Buffer.concat(blocks).toString('latin1').split('\n').slice(0, -1);
        assert.equal(through.length, records.length - left.length);
        assert.deepEqual(
          through.filter((text) => text.length < 20),
          short.map((bytes) => bytes.toString('latin1')),
        );
      },
    ),
  );
});

void test('a cursor is found in the raw bytes, and no message can pass for one', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const fake = `"__CURSOR":"s=evil"${text}`;
      assert.equal(cursorOf(line('s=1;i=2', fake)), 's=1;i=2');
      assert.equal(cursorOf(line('s=1;i=2', [...Buffer.from(fake)])), 's=1;i=2');
      assert.equal(cursorOf(line('s=1;i=2', ['__CURSOR', fake])), 's=1;i=2');
    }),
  );
  assert.equal(cursorOf(Buffer.from('{ "__CURSOR" : "s=old", "MESSAGE" : "x" }')), 's=old');
  assert.equal(cursorOf(Buffer.from('{"MESSAGE":"x"}')), undefined);
});

void test('a cursor contains its time', () => {
  const cursor = 's=a1;i=5;b=e1;m=f4de6985;t=660e4eeaded4a;x=59ba0b70f05ff3b7';
  assert.equal(cursorTime(cursor), 1795386233449.802);
  assert.equal(cursorTime('garbage'), NaN);
});

void test('an entry counts as seen under a new sequence number, for as long as it is remembered', () => {
  const seen = seenEntries(2);
  seen.add('s=1;i=1;b=b;m=1;t=1;x=1');
  assert.ok(seen.has('s=2;i=9;b=b;m=1;t=1;x=1'));
  assert.ok(!seen.has('s=1;i=1;b=b;m=1;t=1;x=2'));
  seen.add('s=1;i=2;b=b;m=2;t=2;x=2');
  seen.add('s=1;i=3;b=b;m=3;t=3;x=3');
  assert.ok(!seen.has('s=1;i=1;b=b;m=1;t=1;x=1'));
});

void test('a block of new records is passed on as it is', () => {
  const block = Buffer.concat([line('s=1', 'a'), line('s=2', 'b')]);
  const fresh = freshRecords(block, seenEntries());
  assert.equal(fresh?.bytes, block);
  assert.equal(fresh?.cursor, 's=2');
  const seen = seenEntries();
  seen.add('s=2');
  assert.deepEqual(freshRecords(block, seen), { bytes: line('s=1', 'a'), cursor: 's=1' });
  assert.equal(freshRecords(block, seen), null);
});
