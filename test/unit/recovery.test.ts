import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Failures, isRecoverable } from '../../src/client/failures.ts';
import type { Failure } from '../../src/client/failures.ts';
import { webgpuToAvoid } from '../../src/client/platform.ts';
import { Watchdog } from '../../src/client/watchdog.ts';
import { BodyAnalysisError, ERROR_CODES } from '../../src/schema/errors.ts';
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

  test('three within a minute are one too many, and then the count begins anew', () => {
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

  test('count no longer after an answer, or after a minute', () => {
    for (let round = 0; round < 50; round++) {
      fail('worker-crash');
      fail('worker-crash');
      if (round % 2 === 0) failures.overcome();
      else now += 60_001;
    }
    expect(failures.skipped).toEqual([]);
  });

  test('two on the GPU within a minute, answers between them or not, and it is left alone for good', () => {
    fail('inference-failed', { backend: 'webgpu' });
    expect(failures.skipped).toEqual([]);
    failures.overcome();
    now += 59_000;
    fail('worker-crash', { backend: 'webgpu' });
    expect(failures.skipped).toEqual([
      { name: 'webgpu', reason: 'It failed 2 times in a minute: It was worker-crash.' },
    ]);
    now += 1e9;
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
      watchdog.beat();
    }
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(30_000);
    expect(onSilence).toHaveBeenCalledExactlyOnceWith(5000);
  });

  test('says nothing at rest', () => {
    const onSilence = vi.fn<(ms: number) => void>();
    const watchdog = new Watchdog(onSilence);
    watchdog.watch(5000);
    watchdog.rest();
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

describe('platforms', () => {
  test.each([
    ['iPhone', 'Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15', 5, true],
    ['iPad that asks for desktop pages', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)', 5, true],
    ['Macintosh', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)', 0, false],
    ['Windows with a touch screen', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)', 10, false],
    ['Android', 'Mozilla/5.0 (Linux; Android 16; Pixel 10)', 5, false],
  ])('%s', (_name, userAgent, maxTouchPoints, avoids) => {
    expect(webgpuToAvoid({ userAgent, maxTouchPoints })).toHaveLength(avoids ? 1 : 0);
  });
});
