import { afterEach, describe, expect, test, vi } from 'vitest';
import { isSupported } from '../../src/client/support.ts';

afterEach(() => vi.unstubAllGlobals());

const REAL = { vendor: 'amd', architecture: 'rdna-3', description: '', isFallbackAdapter: false };
const SOFTWARE = { vendor: 'google', architecture: 'swiftshader', description: '', isFallbackAdapter: false };

/**
 * A browser, as far as it is asked: of `info`, the adapter that it gives, `undefined` is no WebGPU at all.
 */
function pretend({
  info,
  isolated = true,
  cores = 8,
  userAgent = 'Mozilla/5.0 (X11; Linux x86_64)',
}: {
  info?: typeof REAL | null;
  isolated?: boolean;
  cores?: number;
  userAgent?: string;
}): { asked: number } {
  const seen = { asked: 0 };
  const gpu = {
    requestAdapter: () => {
      seen.asked++;
      return Promise.resolve(info && { info });
    },
  };
  vi.stubGlobal('Worker', 'a class');
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('crossOriginIsolated', isolated);
  vi.stubGlobal('navigator', {
    hardwareConcurrency: cores,
    userAgent,
    maxTouchPoints: 0,
    ...(info !== undefined && { gpu }),
  });
  return seen;
}

describe('isSupported', () => {
  test('says in Node what is missing there', async () => {
    expect(await isSupported()).toEqual({
      supported: false,
      reason: expect.stringMatching(/^body21 needs Worker, which Node\.js does not have/),
    });
  });

  test('says so where WebAssembly has no SIMD', async () => {
    pretend({});
    const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    expect(await isSupported()).toEqual({ supported: false, reason: expect.stringContaining('SIMD') });
    validate.mockRestore();
    expect(await isSupported()).toMatchObject({ supported: true });
  });

  test('finds a GPU, and as many threads as help', async () => {
    pretend({ info: REAL });
    expect(await isSupported()).toEqual({
      supported: true,
      backend: 'webgpu',
      threads: 4,
      adapter: { vendor: 'amd', architecture: 'rdna-3', description: '', isSoftware: false },
      skipped: [],
    });
  });

  test.each([
    ['none is offered', { cores: 2 }, /offers no WebGPU/],
    ['there is no adapter', { info: null }, /has no GPU/],
    ['it is software', { info: SOFTWARE }, /swiftshader, is software/],
    ['it can end the tab', { info: REAL, userAgent: 'iPhone' }, /can end the tab on iOS/],
  ])('says why there is no GPU to use: %s', async (_why, browser, reason) => {
    pretend(browser);
    expect(await isSupported()).toMatchObject({
      backend: 'wasm',
      skipped: [{ name: 'webgpu', reason: expect.stringMatching(reason) }],
    });
  });

  test('goes by the options of create', async () => {
    const seen = pretend({ info: SOFTWARE, userAgent: 'iPhone' });
    expect(await isSupported({ backend: 'wasm', threads: 2 })).toMatchObject({ backend: 'wasm', threads: 2 });
    expect(seen.asked).toBe(0);
    expect(await isSupported({ backend: 'webgpu' })).toMatchObject({
      backend: 'webgpu',
      adapter: { isSoftware: true },
    });
    const odd: object = { backend: 'cpu' };
    await expect(isSupported(odd)).rejects.toMatchObject({ code: 'invalid-option' });
  });

  test('says how a page gets more than one thread', async () => {
    pretend({ isolated: false });
    expect(await isSupported({ threads: 4 })).toMatchObject({
      threads: 1,
      threadsReason: expect.stringContaining('Cross-Origin-Opener-Policy: same-origin'),
    });
  });
});
