import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Failures, isRecoverable } from '../../src/client/session/failures.ts';
import type { Failure } from '../../src/client/session/failures.ts';
import { Watchdog } from '../../src/client/watchdog.ts';
import {
  BodyAnalysisError,
  ERROR_CODES,
  errorFromData,
  errorToData,
  wrongOnGpu,
} from '../../src/schema/errors.ts';
import type { BodyAnalysisErrorCode } from '../../src/schema/errors.ts';

describe('failures', () => {
  let now = 0;
  let failures: Failures;
  const fail = (code: BodyAnalysisErrorCode, details: Partial<Failure> = {}) =>
    failures.note({
      error: new BodyAnalysisError(code, `It was ${code}.`),
      backend: 'wasm',
      atStart: false,
      ...details,
    });

  beforeEach(() => {
    now = 1000;
    failures = new Failures(() => now);
  });

  test('three are one too many, and then the count begins anew', () => {
    fail('worker-crash');
    fail('inference-failed');
    expect(() => fail('worker-hung')).toThrow(
      expect.objectContaining({
        code: 'recovery-failed',
        cause: expect.objectContaining({ code: 'worker-hung' }),
      }),
    );
    fail('worker-crash');
    fail('worker-crash');
    expect(() => fail('worker-crash')).toThrow(/three|3 times/i);
  });

  test.each([
    [true, /could not be started: 3 tries/],
    [false, /failed 3 times in a row/],
  ])('three without an answer are one too many, however far apart (at start: %s)', (atStart, words) => {
    for (let time = 0; time < 2; time++) {
      fail('worker-hung', { atStart });
      now += 3_600_000;
    }
    expect(() => fail('worker-hung', { atStart })).toThrow(words);
  });

  test('count no longer after an answer, and those at start after a start', () => {
    for (let round = 0; round < 50; round++) {
      fail('worker-crash');
      fail('worker-crash');
      failures.overcome();
      fail('worker-crash', { atStart: true });
      fail('worker-crash', { atStart: true });
      failures.started();
    }
    expect(failures.skipped).toEqual([]);
  });

  test('two on the GPU within a minute, answers between them or not, and it is left alone for good', () => {
    fail('inference-failed', { backend: 'webgpu' });
    expect(failures.skipped).toEqual([]);
    failures.overcome();
    now += 59_000;
    fail('worker-crash', { backend: 'webgpu' });
    expect(failures.skipped).toEqual([{ name: 'webgpu', reason: 'It failed 2 times: It was worker-crash.' }]);
    now += 1e9;
    expect(failures.skipped).toHaveLength(1);
  });

  test('two on the GPU without an answer between them, however far apart, and the third try is without it', () => {
    failures.overcome();
    now += 1000;
    fail('worker-hung', { backend: 'webgpu' });
    // A GPU whose runs take 20 seconds is given 100.
    now += 100_000;
    fail('worker-hung', { backend: 'webgpu' });
    expect(failures.skipped).toHaveLength(1);
  });

  test('on the GPU now and then, or on WASM, leave it in use', () => {
    for (let time = 0; time < 10; time++) {
      fail('gpu-failed', { backend: 'webgpu' });
      failures.overcome();
      now += 60_001;
    }
    fail('worker-crash');
    fail('worker-crash');
    expect(failures.skipped).toEqual([]);
  });

  test('a GPU that does not start is not tried again', () => {
    fail('gpu-failed', { backend: 'webgpu', atStart: true });
    expect(failures.skipped).toEqual([
      { name: 'webgpu', reason: 'It could not be started: It was gpu-failed.' },
    ]);
  });

  test('a GPU that computes a network wrong is not tried again, whenever that is found', () => {
    const error = errorFromData(errorToData(wrongOnGpu('It computes something else.')));
    failures.overcome();
    failures.note({ error, backend: 'webgpu', atStart: false });
    expect(failures.skipped).toEqual([{ name: 'webgpu', reason: 'It computes something else.' }]);
  });

  test('make a worker pass for slow until there is an answer', () => {
    fail('worker-crash');
    expect(failures.maybeSlow).toBe(false);
    fail('worker-hung');
    expect(failures.maybeSlow).toBe(true);
    failures.overcome();
    expect(failures.maybeSlow).toBe(false);
  });

  test('of pictures, options and files are not tried again', () => {
    const recoverable = Object.keys(ERROR_CODES).filter((code) =>
      isRecoverable(new BodyAnalysisError(code as BodyAnalysisErrorCode, '')),
    );
    expect(recoverable.toSorted()).toEqual(['gpu-failed', 'inference-failed', 'worker-crash', 'worker-hung']);
  });
});

describe('the watchdog', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('tells once of silence, and of none while there are signs of life', () => {
    const onSilence = vi.fn<(ms: number) => void>();
    const watchdog = new Watchdog(onSilence);
    watchdog.watch(5000);
    for (let time = 0; time < 20; time++) {
      vi.advanceTimersByTime(3000);
      watchdog.heartbeat();
    }
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(30_000);
    expect(onSilence).toHaveBeenCalledExactlyOnceWith(5000);
  });

  test('says nothing at rest', () => {
    const onSilence = vi.fn<(ms: number) => void>();
    const watchdog = new Watchdog(onSilence);
    watchdog.watch(5000);
    watchdog.idle();
    vi.advanceTimersByTime(30_000);
    expect(onSilence).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('does not count the time in which the page itself stood still', () => {
    const onSilence = vi.fn<(ms: number) => void>();
    const watchdog = new Watchdog(onSilence);
    watchdog.watch(5000);
    let sleptMs = 0;
    const now = performance.now.bind(performance);
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + sleptMs);
    for (let time = 0; time < 3; time++) {
      sleptMs += 3_600_000;
      vi.advanceTimersByTime(1000);
    }
    expect(onSilence).not.toHaveBeenCalled();
    clock.mockRestore();
  });
});
