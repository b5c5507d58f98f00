import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MAX_CLIENTS } from '../../src/client/session/client-limit.ts';
import { Session } from '../../src/client/session/session.ts';
import type { Recovery } from '../../src/client/session/session.ts';
import type { AnalysisProgress } from '../../src/schema/analysis.ts';
import { wrongOnGpu } from '../../src/schema/errors.ts';
import type { BodyAnalysisResult, FoundPerson } from '../../src/schema/result.ts';
import type { Frame } from '../../src/source/frame.ts';
import { failureOf, FakeConnections, NOBODY } from '../support/fake-connection.ts';
import { FakeFrames } from '../support/fake-frame.ts';
import { moment } from '../support/moment.ts';
import { orSay } from '../support/or-say.ts';

const OPTIONS = { extras: [], debug: false };
const STEP: AnalysisProgress = { stage: 'decode', done: 0, total: 1, fraction: 0 };
const SOMEONE = { number: 1, person: {} } as FoundPerson;
const PHOTO: Frame = { kind: 'base64', data: 'a photo' };

let workers: FakeConnections;
let frames: FakeFrames;
let sessions: Session[] = [];

beforeEach(() => {
  workers = new FakeConnections();
  frames = new FakeFrames();
});
afterEach(() => {
  for (const session of sessions) session.dispose();
  sessions = [];
  vi.useRealTimers();
});

/** A session that is open, and what it has recovered from. */
async function open(setup = workers.setup): Promise<{ session: Session; recoveries: Recovery[] }> {
  const session = await Session.open(setup);
  sessions.push(session);
  const recoveries: Recovery[] = [];
  session.onRecovered = (recovery) => recoveries.push(recovery);
  return { session, recoveries };
}

/** A picture that is closed when it is let go of. */
function picture(): Frame {
  return { kind: 'video-frame', frame: frames.make(0) };
}

interface CallOptions {
  frame?: Frame;
  signal?: AbortSignal;
  onProgress?: (progress: AnalysisProgress) => void;
  onPerson?: (found: FoundPerson) => void;
}

/** Asks as a client does. */
function ask(session: Session, { frame = PHOTO, signal, ...rest }: CallOptions = {}) {
  const answer = session.analyse(frame, OPTIONS, { stop: session.stopWith(signal), ...rest });
  return orSay(answer, () => 'The call was not answered, nor rejected.');
}

/** An answer that is told from others. */
function answerOf(log_id: string): BodyAnalysisResult {
  return { ...NOBODY, log_id };
}

/** Lets all that can go on without anything from outside do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

describe('calls', () => {
  test('are asked one after the other, in their order, and each has its own answer', async () => {
    const { session } = await open();
    const order: string[] = [];
    const calls = ['a', 'b', 'c'].map(async (data) => {
      const { log_id } = await ask(session, { frame: { kind: 'base64', data } });
      order.push(log_id);
    });
    for (const [index, data] of ['a', 'b', 'c'].entries()) {
      const asked = await workers.last.photo();
      await settle();
      expect(workers.last.calls).toBe(index + 1);
      expect(asked.frame).toEqual({ kind: 'base64', data });
      asked.answer(answerOf(data));
    }
    await Promise.all(calls);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('that fail for the picture’s sake are over, with the worker none the worse', async () => {
    const { session, recoveries } = await open();
    const refused = ask(session, { frame: picture() });
    (await workers.last.photo()).fail(failureOf('image-format'));
    await expect(refused).rejects.toMatchObject({ code: 'image-format' });
    const next = ask(session);
    (await workers.last.photo()).answer(NOBODY);
    expect(await next).toBe(NOBODY);
    expect([workers.all.length, recoveries.length, frames.open]).toEqual([1, 0, 0]);
  });

  test('that are cancelled reject at once with the reason; the next is asked when the worker is free again', async () => {
    const { session } = await open();
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = ask(session, { frame: picture(), signal: running.signal });
    const second = ask(session, { frame: picture(), signal: waiting.signal });
    const third = ask(session, { frame: picture() });
    const asked = await workers.last.photo();
    expect(asked.isCancelled).toBe(false);
    running.abort(new Error('enough'));
    waiting.abort(new Error('changed my mind'));
    await expect(first).rejects.toThrow('enough');
    await expect(second).rejects.toThrow('changed my mind');
    expect(asked.isCancelled).toBe(true);
    // The third's alone: what waits is let go of before its turn.
    expect(frames.open).toBe(1);
    await settle();
    expect(workers.last.calls).toBe(1);

    // However the worker takes it: as an error, or with an answer that is nobody's.
    asked.answer(answerOf('nobody’s'));
    const next = await workers.last.photo();
    next.answer(answerOf('third'));
    expect(await third).toMatchObject({ log_id: 'third' });
    expect([workers.last.calls, next.isCancelled, frames.open]).toEqual([2, false, 0]);
  });

  test('that are cancelled while a network is on its way reject at once, and the session goes on', async () => {
    const { session, recoveries } = await open();
    const controller = new AbortController();
    const call = ask(session, { signal: controller.signal });
    const asked = await workers.last.photo();
    const next = ask(session);
    controller.abort(new Error('too slow'));
    await expect(call).rejects.toThrow('too slow');
    expect(asked.isCancelled).toBe(true);
    // As a worker says that has given up the download.
    asked.fail(failureOf('internal'));
    (await workers.last.photo()).answer(NOBODY);
    expect(await next).toBe(NOBODY);
    expect([workers.all.length, recoveries.length]).toEqual([1, 0]);
  });

  test('that are cancelled when they are over tell the worker nothing', async () => {
    const { session } = await open();
    const controller = new AbortController();
    const call = ask(session, { signal: controller.signal });
    const asked = await workers.last.photo();
    asked.answer(NOBODY);
    await call;
    controller.abort();
    expect(asked.isCancelled).toBe(false);
  });

  test('that are cancelled while their picture is copied never reach the worker, and leave no copy', async () => {
    const { session } = await open();
    const controller = new AbortController();
    const frame = frames.make(0);
    const clone = frame.clone.bind(frame);
    frame.clone = () => {
      controller.abort(new Error('enough'));
      return clone();
    };
    const call = ask(session, { frame: { kind: 'video-frame', frame }, signal: controller.signal });
    await expect(call).rejects.toThrow('enough');
    const next = ask(session);
    (await workers.last.photo()).answer(NOBODY);
    await next;
    expect([workers.last.calls, frames.made.length, frames.open]).toEqual([1, 2, 0]);
  });

  test('tell how far they have come and whom they have found, but not when they are over', async () => {
    const { session } = await open();
    const onProgress = vi.fn<(progress: AnalysisProgress) => void>();
    const onPerson = vi.fn<(found: FoundPerson) => void>();
    const controller = new AbortController();
    for (const end of ['answered', 'cancelled'] as const) {
      const call = ask(session, { onProgress, onPerson, signal: controller.signal });
      const asked = await workers.last.photo();
      asked.report?.(STEP);
      asked.reportPerson?.(SOMEONE);
      if (end === 'answered') asked.answer(NOBODY);
      else controller.abort(new Error('enough'));
      await call.catch(() => {});
      asked.report?.(STEP);
      asked.reportPerson?.(SOMEONE);
      asked.answer(NOBODY);
    }
    expect(onProgress).toHaveBeenCalledTimes(2);
    expect(onPerson.mock.calls).toEqual([[SOMEONE], [SOMEONE]]);
  });

  test('reject when the session is disposed of, those that wait as well, and leave nothing behind', async () => {
    const { session } = await open();
    const calls = [ask(session, { frame: picture() }), ask(session, { frame: picture() })];
    await workers.last.photo();
    session.dispose();
    session.dispose();
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'disposed' });
    expect(session.stopWith(undefined).aborted).toBe(true);
    expect([workers.all.length, workers.running, frames.open]).toEqual([1, 0, 0]);
  });
});

describe('a worker that fails', () => {
  const RECOVERABLE = ['worker-crash', 'worker-hung', 'gpu-failed', 'inference-failed'] as const;

  test.each(RECOVERABLE)(
    'by %s is replaced, and the call asked again with the same picture',
    async (code) => {
      vi.useFakeTimers({ toFake: ['performance'] });
      const { session, recoveries } = await open();
      workers.openings.push(async (connection) => {
        connection.backend = { ...connection.backend, warmupMs: 77 };
        vi.advanceTimersByTime(1234);
      });
      const frame = picture();
      const call = ask(session, { frame });
      const error = failureOf(code);
      (await workers.nth(1).photo()).fail(error);
      await workers.started(2);
      const again = await workers.nth(2).photo();
      expect(again.frame.kind).toBe('video-frame');
      again.answer(answerOf('again'));
      expect(await call).toMatchObject({ log_id: 'again' });
      expect(recoveries).toEqual([
        { error: expect.objectContaining({ code }), backend: session.backend, milliseconds: 1234 },
      ]);
      expect(session.backend.warmupMs).toBe(77);
      // It is not warmed up, since a call waits.
      expect(workers.all.map(({ opened }) => opened?.warmUp)).toEqual([true, false]);
      expect([workers.running, frames.open]).toEqual([1, 0]);
      // And from here on as if nothing had been.
      const next = ask(session);
      (await workers.nth(2).photo()).answer(NOBODY);
      await next;
      expect(recoveries).toHaveLength(1);
    },
  );

  test('twice in a call is replaced twice; three times is an error, and the next call is answered', async () => {
    const { session, recoveries } = await open();
    const call = ask(session, { frame: picture() });
    for (let worker = 1; worker <= 3; worker++) {
      (await (await workers.started(worker)).photo()).fail(failureOf('worker-crash'));
    }
    await expect(call).rejects.toMatchObject({
      code: 'recovery-failed',
      cause: { code: 'worker-crash' },
    });
    expect([recoveries.length, workers.running, frames.open]).toEqual([2, 0, 0]);

    const next = ask(session);
    (await (await workers.started(4)).photo()).answer(NOBODY);
    expect(await next).toBe(NOBODY);
    expect([recoveries.length, workers.running]).toEqual([3, 1]);
  });

  test('in call after call loses none of those that wait, and leaves one worker', async () => {
    const CALLS = 8;
    const { session, recoveries } = await open();
    const calls = Array.from({ length: CALLS }, () => ask(session, { frame: picture() }));
    for (let call = 1; call <= CALLS; call++) {
      // A worker that was started to repeat a call answers that one, and fails in the next.
      (await workers.nth(call).photo()).fail(failureOf(call % 2 ? 'worker-crash' : 'inference-failed'));
      await workers.started(call + 1);
      (await workers.nth(call + 1).photo()).answer(answerOf(String(call)));
    }
    const ids = (await Promise.all(calls)).map(({ log_id }) => Number(log_id));
    expect(ids).toEqual(Array.from({ length: CALLS }, (_, index) => index + 1));
    expect([recoveries.length, workers.running, frames.open]).toEqual([CALLS, 1, 0]);
  });

  test('while nobody asks is replaced when somebody does, who is told', async () => {
    const { session, recoveries } = await open();
    workers.last.die('worker-crash');
    await settle();
    expect([workers.all.length, recoveries.length]).toEqual([1, 0]);
    const call = ask(session);
    (await (await workers.started(2)).photo()).answer(NOBODY);
    expect(await call).toBe(NOBODY);
    expect(recoveries.map(({ error }) => error.code)).toEqual(['worker-crash']);
  });

  test('holds up no call that is cancelled meanwhile, and the next is answered', async () => {
    const { session, recoveries } = await open();
    const opening = moment();
    workers.openings.push(() => opening.coming);
    const controller = new AbortController();
    const cancelled = ask(session, { frame: picture(), signal: controller.signal });
    const next = ask(session);
    (await workers.last.photo()).fail(failureOf('worker-hung'));
    await workers.started(2);
    controller.abort(new Error('enough'));
    await expect(cancelled).rejects.toThrow('enough');
    expect(frames.open).toBe(0);
    opening.come();
    (await workers.last.photo()).answer(NOBODY);
    expect(await next).toBe(NOBODY);
    expect([recoveries.length, workers.last.calls, workers.running]).toEqual([1, 1, 1]);
  });

  test('is not replaced any more when the session is disposed of', async () => {
    const { session, recoveries } = await open();
    workers.openings.push(() => new Promise(() => {}));
    const call = ask(session, { frame: picture() });
    (await workers.last.photo()).fail(failureOf('worker-crash'));
    await workers.started(2);
    session.dispose();
    await expect(call).rejects.toMatchObject({ code: 'disposed' });
    await settle();
    expect([workers.all.length, workers.running, recoveries.length, frames.open]).toEqual([2, 0, 0, 0]);
  });

  test.each(Array.from({ length: 12 }, (_, turns) => turns))(
    'leaves no worker behind where the session is disposed of just as the next is ready (%i)',
    async (turns) => {
      const { session } = await open();
      const opening = moment();
      workers.openings.push(() => opening.coming);
      const call = ask(session, { frame: picture() });
      const outcome = call.catch((error: unknown) => error);
      (await workers.last.photo()).fail(failureOf('worker-crash'));
      await workers.started(2);
      opening.come();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      session.dispose();
      expect(await outcome).toMatchObject({ code: 'disposed' });
      await settle();
      expect([workers.all.length, workers.running, frames.open]).toEqual([2, 0, 0]);
    },
  );

  test('while a picture is copied for it is not asked any more: the next one is', async () => {
    const { session, recoveries } = await open();
    const frame = frames.make(0);
    const clone = frame.clone.bind(frame);
    frame.clone = () => {
      if (workers.all.length === 1) workers.last.die('worker-crash');
      return clone();
    };
    const call = ask(session, { frame: { kind: 'video-frame', frame } });
    (await (await workers.started(2)).photo()).answer(NOBODY);
    expect(await call).toBe(NOBODY);
    expect([workers.nth(1).calls, recoveries.length, frames.open]).toEqual([0, 1, 0]);
  });

  test('with the frame of a live video that nobody follows any more is not replaced for it', async () => {
    const { session } = await open();
    const controller = new AbortController();
    const request = {
      video: session.nextVideo(),
      timestamp: 0,
      maxPersons: 1,
      smoothing: undefined,
      extras: [],
      targetFps: undefined,
      hasIdleTime: true,
      sentAt: undefined,
      lastId: 0,
    };
    const call = session.track(frames.make(0), request, session.stopWith(controller.signal));
    const asked = await workers.last.frame();
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    asked.fail(failureOf('worker-crash'));
    await settle();
    expect([workers.all.length, workers.running, frames.open]).toEqual([1, 0, 0]);
  });

  test('on the GPU twice is followed by one that leaves it alone, and says why', async () => {
    const { session } = await open({ ...workers.setup, avoided: [{ name: 'webgpu', reason: 'of old' }] });
    const call = ask(session);
    for (let worker = 1; worker <= 2; worker++) {
      await workers.started(worker);
      workers.last.runsOn = 'webgpu';
      (await workers.last.photo()).fail(failureOf('gpu-failed'));
    }
    (await (await workers.started(3)).photo()).answer(NOBODY);
    await call;
    const reasons = workers.all.map(({ opened }) => opened?.skipped.map(({ reason }) => reason));
    expect(reasons).toEqual([['of old'], ['of old'], ['of old', 'It failed 2 times: It was gpu-failed.']]);
  });

  test('on a GPU that computes a network wrong is followed by one that leaves it alone at once', async () => {
    const { session, recoveries } = await open();
    const onWasm = {
      ...workers.last.backend,
      skipped: [{ name: 'webgpu', reason: 'It is wrong.' } as const],
    };
    workers.openings.push(async (connection) => {
      connection.backend = { ...onWasm, skipped: [...(connection.opened?.skipped ?? [])] };
    });
    workers.last.runsOn = 'webgpu';
    const call = ask(session);
    (await workers.last.photo()).fail(wrongOnGpu('It is wrong.'));
    (await (await workers.started(2)).photo()).answer(NOBODY);
    await call;
    expect([workers.all.length, recoveries.length]).toEqual([2, 1]);
    expect(session.backend).toEqual(onWasm);
  });

  test('by silence is followed by one that has more time, until there is an answer', async () => {
    const { session } = await open();
    const call = ask(session);
    (await workers.last.photo()).fail(failureOf('worker-hung'));
    (await (await workers.started(2)).photo()).answer(NOBODY);
    await call;
    workers.last.die('worker-crash');
    const after = ask(session);
    (await (await workers.started(3)).photo()).answer(NOBODY);
    await after;
    expect(workers.all.map(({ opened }) => opened?.maybeSlow)).toEqual([false, true, false]);
  });
});

describe('opening', () => {
  const dies = () => Promise.reject(failureOf('worker-crash'));

  test('goes on with another worker where one dies, twice; the third time it is an error', async () => {
    workers.openings.push(dies, dies);
    await open();
    expect([workers.all.length, workers.running]).toEqual([3, 1]);
    workers.openings.push(dies, dies, dies);
    await expect(open()).rejects.toMatchObject({ code: 'recovery-failed', cause: { code: 'worker-crash' } });
    expect([workers.all.length, workers.running]).toEqual([6, 1]);
  });

  test('does not try again what no worker can do', async () => {
    workers.openings.push(() => Promise.reject(failureOf('model-fetch')));
    await expect(open()).rejects.toMatchObject({ code: 'model-fetch' });
    expect([workers.all.length, workers.running]).toEqual([1, 0]);
  });

  test('leaves the GPU alone where it does not even start', async () => {
    workers.openings.push(async (connection) => {
      connection.runsOn = 'webgpu';
      throw failureOf('gpu-failed');
    });
    await open();
    expect(workers.last.opened?.skipped).toEqual([
      { name: 'webgpu', reason: 'It could not be started: It was gpu-failed.' },
    ]);
  });

  test('says how many threads there are now, and not when it was opened', async () => {
    const { session } = await open();
    const { threads, ...before } = session.backend;
    workers.last.threads = { threads: 7, threadsReason: 'One has failed.' };
    expect(session.backend).toEqual({ ...before, threads: 7, threadsReason: 'One has failed.' });
    workers.last.threads = { threads };
    expect(session.backend).toEqual({ ...before, threads });
  });

  test('tells how far it has come, but not of a worker that has failed', async () => {
    const tell = (phase: 'download' | 'ready', worker: number) =>
      workers.nth(worker).opened?.onProgress({ phase, loaded: 1, total: 1 });
    workers.openings.push(
      async () => {
        tell('download', 1);
        throw failureOf('worker-crash');
      },
      async () => {
        tell('download', 1);
        tell('ready', 2);
      },
    );
    await open();
    tell('download', 2);
    expect(workers.progress).toEqual(['download', 'ready']);
  });

  test('does not begin where it is cancelled already', async () => {
    await expect(Session.open(workers.setup, AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(workers.all).toHaveLength(0);
  });

  test.each(['on its way', 'ready'])('can be cancelled when it is %s, and leaves no worker', async (when) => {
    const controller = new AbortController();
    workers.openings.push(async () => {
      controller.abort(new Error('enough'));
      if (when === 'on its way') await new Promise(() => {});
    });
    await expect(Session.open(workers.setup, controller.signal)).rejects.toThrow('enough');
    expect([workers.all.length, workers.running]).toEqual([1, 0]);
  });
});

describe('sessions of one page', () => {
  const REFUSAL = { code: 'too-many-clients', message: expect.stringMatching(/\. Use one .*\.$/) };

  /** So many that are on their way until they are stopped. */
  function begin(count: number) {
    const controller = new AbortController();
    const making = Array.from({ length: count }, () => {
      workers.openings.push(() => new Promise(() => {}));
      return Session.open(workers.setup, controller.signal);
    });
    const stop = async () => {
      controller.abort(new Error('enough'));
      for (const { status } of await Promise.allSettled(making)) expect(status).toBe('rejected');
    };
    return { stop };
  }

  test('are refused beyond the most there may be, those on their way counted', async () => {
    const { session } = await open();
    const others = begin(MAX_CLIENTS - 1);
    await expect(open()).rejects.toMatchObject(REFUSAL);
    expect(workers.all).toHaveLength(MAX_CLIENTS);
    // The one that lives is none the worse.
    const call = ask(session);
    (await workers.nth(1).photo()).answer(NOBODY);
    await call;
    await others.stop();
    await open();
  });

  test('give their places back when they are disposed of, once', async () => {
    const { session } = await open();
    const others = begin(MAX_CLIENTS - 1);
    session.dispose();
    session.dispose();
    const next = begin(1);
    await expect(open()).rejects.toMatchObject(REFUSAL);
    await others.stop();
    await next.stop();
  });

  test('do not count where they could not be made', async () => {
    for (let time = 0; time < MAX_CLIENTS; time++) {
      workers.openings.push(() => Promise.reject(failureOf('worker-load')));
      await expect(open()).rejects.toMatchObject({ code: 'worker-load' });
    }
    await open();
  });
});
