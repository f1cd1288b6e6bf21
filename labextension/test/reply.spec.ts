import { readSaveReply } from '../src/saving/reply';
import { frame } from './support';

const read = (message: unknown): unknown =>
  readSaveReply(frame(JSON.stringify(message)));

describe('readSaveReply', () => {
  it('reads how a save ended, and why', () => {
    const reason = 'No space left on device';
    expect(
      read({ type: 'save', responseTo: 3, status: 'failed', reason })
    ).toEqual({ status: 'failed', reason });
    expect(read({ type: 'save', responseTo: 3, status: 'success' })).toEqual({
      status: 'success',
      reason: null
    });
  });

  it('reads texts whose length takes several bytes, in any script', () => {
    const reason = 'Ни одного свободного байта 💾 '.repeat(800);
    expect(read({ type: 'save', status: 'failed', reason })).toEqual({
      status: 'failed',
      reason
    });
  });

  it('reads no further than the text goes', () => {
    const reason = 'x'.repeat(20_000);
    const reply = JSON.stringify({ type: 'save', status: 'failed', reason });
    const data = new Uint8Array([...new Uint8Array(frame(reply)), 7, 7, 7]);
    expect(readSaveReply(data.buffer)).toEqual({ status: 'failed', reason });
  });

  it('takes nothing else for a reply', () => {
    const reply = JSON.stringify({ type: 'save', status: 'failed' });
    expect(readSaveReply(frame(reply))).not.toBeNull();
    expect(readSaveReply(frame(reply, 0))).toBeNull();
    expect(readSaveReply(reply)).toBeNull();
    expect(readSaveReply(new ArrayBuffer(0))).toBeNull();
    expect(readSaveReply(frame('not JSON'))).toBeNull();
    expect(readSaveReply(frame(reply).slice(0, 9))).toBeNull();
    expect(read({ type: 'conflict', status: 'failed' })).toBeNull();
    expect(read({ type: 'save', status: 1 })).toBeNull();
    expect(read(null)).toBeNull();
  });

  it('passes over a reason that is no text', () => {
    expect(read({ type: 'save', status: 'failed', reason: 5 })).toEqual({
      status: 'failed',
      reason: null
    });
  });
});
