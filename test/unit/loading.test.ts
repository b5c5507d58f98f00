import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findGpu } from '../../src/runtime/gpu.ts';
import { sendPacked } from '../../src/runtime/program.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('a browser that gives no answer about its GPU', () => {
  const never = () => new Promise<never>(() => {});

  test.each([
    ['adapter', never],
    ['device', async () => ({ info: {}, features: new Set(), limits: {}, requestDevice: never })],
  ])('is not waited for, whichever it owes: %s', async (_what, requestAdapter) => {
    vi.stubGlobal('navigator', { gpu: { requestAdapter } });
    const search = findGpu('webgpu');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await search).toEqual({
      reason: 'WebGPU gave no device: the browser did not answer for 15 seconds.',
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('but for once it is too late has its device given back', async () => {
    let give = (_device: unknown) => {};
    const requestDevice = () => new Promise((resolve) => (give = resolve));
    const adapter = { info: {}, features: new Set(), limits: {}, requestDevice };
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => adapter } });
    const search = findGpu('webgpu');
    await vi.advanceTimersByTimeAsync(20_000);
    await search;
    const destroy = vi.fn<() => void>();
    give({ destroy });
    await vi.advanceTimersByTimeAsync(0);
    expect(destroy).toHaveBeenCalledOnce();
  });
});

describe('the runtime’s program on its way over a slow network', () => {
  const PROGRAM = 'https://example.com/runtime.wasm';
  const bytes = gzipSync(Buffer.from('a program'));
  const onPiece = vi.fn<() => void>();

  /** Answers `HEAD`, and has a file come byte by byte, or not at all. */
  function serve(headers: Record<string, string>, file: BodyInit): void {
    vi.stubGlobal('fetch', async (_url: string, init?: RequestInit) =>
      init?.method === 'HEAD' ? new Response(null, { headers }) : new Response(file),
    );
  }

  beforeEach(() => onPiece.mockReset());

  test('gives a sign of life with every piece where it comes packed', async () => {
    const pieces = new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    serve({}, pieces);
    sendPacked(PROGRAM, `${PROGRAM}.gz`, onPiece);
    const response = await fetch(PROGRAM);
    expect(await response.text()).toBe('a program');
    expect(onPiece.mock.calls.length).toBeGreaterThanOrEqual(bytes.length);
  });

  test('gives one every second where the browser reads it, until it is there', async () => {
    serve({ 'Content-Encoding': 'br' }, 'a program');
    const listed: unknown[] = ['the request for its headers'];
    vi.spyOn(performance, 'getEntriesByName').mockImplementation(() => listed as PerformanceEntry[]);
    sendPacked(PROGRAM, `${PROGRAM}.gz`, onPiece);
    await fetch(PROGRAM);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(onPiece).toHaveBeenCalledTimes(100);
    listed.push('the file');
    await vi.advanceTimersByTimeAsync(100_000);
    expect(onPiece).toHaveBeenCalledTimes(100);
  });

  test('gives none for ever where it stands still', async () => {
    serve({ 'Content-Encoding': 'br' }, new ReadableStream());
    sendPacked(PROGRAM, `${PROGRAM}.gz`, onPiece);
    await fetch(PROGRAM);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(onPiece.mock.calls.length).toBeLessThan(200);
    expect(vi.getTimerCount()).toBe(0);
  });
});
