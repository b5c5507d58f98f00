import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { pause, warmUp } from '../../src/worker/warm-up.ts';
import { NoCanvas } from '../support/no-canvas.ts';

describe('warming up', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    vi.stubGlobal('OffscreenCanvas', NoCanvas);
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** Takes so long by the clock. */
  function taking(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  test('ends at once where it rests', async () => {
    const controller = new AbortController();
    let calls = 0;
    const analyse = () => {
      calls++;
      return taking(1000);
    };
    let isOver = false;
    const ended = warmUp(analyse, controller.signal).then(() => (isOver = true));
    // A call, and the beginning of the rest after it.
    await vi.advanceTimersByTimeAsync(1020);
    expect([calls, isOver, vi.getTimerCount()]).toEqual([1, false, 1]);
    controller.abort();
    await ended;
    expect(calls).toBe(1);
  });

  test('does not pause after a call that was under way when it was ended', async () => {
    const controller = new AbortController();
    const analyse = () => taking(1000);
    let isOver = false;
    const ended = warmUp(analyse, controller.signal).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(500);
    controller.abort();
    await vi.advanceTimersByTimeAsync(501);
    expect(isOver).toBe(true);
    await ended;
  });

  test('leaves nothing with the signal that it was given', async () => {
    const { signal } = new AbortController();
    const listeners = new Set<unknown>();
    signal.addEventListener = (_type: string, listener: unknown) => listeners.add(listener);
    signal.removeEventListener = (_type: string, listener: unknown) => listeners.delete(listener);
    const ended = warmUp(() => taking(100), signal);
    await vi.advanceTimersByTimeAsync(110);
    expect(listeners.size).toBe(1);
    await vi.runAllTimersAsync();
    await ended;
    expect(listeners.size).toBe(0);
  });

  test('pauses no longer than it is wanted', async () => {
    const controller = new AbortController();
    let isOver = false;
    const ended = pause(500, controller.signal).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(499);
    expect(isOver).toBe(false);
    controller.abort();
    await ended;
    await pause(500, controller.signal);
  });

  test('ends once calls are no faster', async () => {
    const times = [100, 50, 48];
    const analyse = vi.fn(() => taking(times.shift() ?? 1));
    const ended = warmUp(analyse, new AbortController().signal);
    await vi.runAllTimersAsync();
    await ended;
    expect(analyse).toHaveBeenCalledTimes(3);
  });
});
