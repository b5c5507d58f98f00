import type { SkippedBackend } from '../schema/loading.ts';

/**
 * Why WebGPU should not be tried here, as far as only the page can tell: workers are not told
 * of touch screens. Every browser on iOS is WebKit, where some hundred WebGPU runs of ONNX
 * Runtime can end the tab (its issue 27584).
 */
export function webgpuToAvoid({
  userAgent,
  maxTouchPoints,
}: Pick<Navigator, 'userAgent' | 'maxTouchPoints'>): SkippedBackend[] {
  // An iPad calls itself a Macintosh, but no Macintosh has a touch screen.
  const isIos = /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
  return isIos
    ? [
        {
          name: 'webgpu',
          reason:
            "Long use of WebGPU can end the tab on iOS. Ask for backend: 'webgpu' to use it all the same.",
        },
      ]
    : [];
}
