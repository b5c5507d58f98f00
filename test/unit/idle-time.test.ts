import { expect, test } from 'vitest';
import { IdleTime } from '../../src/worker/idle-time.ts';
import { moment } from '../support/moment.ts';

test('what is done in idle time is done in its order, and a call waits for what cannot be left', async () => {
  const idleTime = new IdleTime();
  const done: string[] = [];
  const gate = moment();
  void idleTime.add(async () => {
    done.push('first begins');
    await gate.coming;
    done.push('first ends');
  });
  void idleTime.add(async () => {
    done.push('second');
  });
  // The first begins in a turn of its own.
  await Promise.resolve();
  await Promise.resolve();
  const ending = idleTime.end().then(() => done.push('call'));
  gate.come();
  await ending;
  // The second had not begun, and a call is more urgent.
  expect(done).toEqual(['first begins', 'first ends', 'call']);
  await idleTime.add(async () => {
    done.push('third');
  });
  expect(done.at(-1)).toBe('third');
});

test('what goes wrong in idle time is told to the next call, once', async () => {
  const idleTime = new IdleTime();
  await idleTime.add(() => Promise.reject(new Error('made to fail')));
  await idleTime.settled();
  await expect(idleTime.end()).rejects.toThrow('made to fail');
  await idleTime.end();
});

test('what is given up because a call comes has not gone wrong', async () => {
  const idleTime = new IdleTime();
  const given = idleTime.add(
    (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  );
  await Promise.resolve();
  await Promise.resolve();
  await idleTime.end();
  await given;
});

test('what a call waits for is not settled before it is over', async () => {
  const idleTime = new IdleTime();
  const gate = moment();
  const done: string[] = [];
  void idleTime.add(async () => {
    await gate.coming;
    done.push('work');
  });
  await Promise.resolve();
  await Promise.resolve();
  const ending = idleTime.end().then(() => done.push('call'));
  const settled = idleTime.settled().then(() => done.push('settled'));
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  expect(done).toEqual([]);
  gate.come();
  await Promise.all([ending, settled]);
  expect(done[0]).toBe('work');
});
