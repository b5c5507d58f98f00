import type { BackendInfo, LandmarkModel } from '../schema/loading.ts';

/**
 * Every file the worker loads by URL, each a literal `new URL('…', import.meta.url)`: bundlers find and copy
 * them by that form, and the library's own build rewrites the paths to the package's.
 */
const PACKAGED = {
  'ort-wasm-simd-threaded.mjs': () =>
    new URL('../../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.mjs', import.meta.url),
  'ort-wasm-simd-threaded.wasm': () =>
    new URL('../../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm', import.meta.url),
  'ort-wasm-simd-threaded.jspi.mjs': () =>
    new URL('../../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.jspi.mjs', import.meta.url),
  'ort-wasm-simd-threaded.jspi.wasm': () =>
    new URL('../../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.jspi.wasm', import.meta.url),
  'ort-wasm-simd-threaded.asyncify.mjs': () =>
    new URL('../../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs', import.meta.url),
  'ort-wasm-simd-threaded.asyncify.wasm': () =>
    new URL('../../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm', import.meta.url),
  'person_detector.onnx': () => new URL('../../models/person_detector.onnx', import.meta.url),
  'pose_detector.onnx': () => new URL('../../models/pose_detector.onnx', import.meta.url),
  'pose_landmark_lite.onnx': () => new URL('../../models/pose_landmark_lite.onnx', import.meta.url),
  'pose_landmark_full.onnx': () => new URL('../../models/pose_landmark_full.onnx', import.meta.url),
  'pose_landmark_heavy.onnx': () => new URL('../../models/pose_landmark_heavy.onnx', import.meta.url),
  'pose_mask_lite.onnx': () => new URL('../../models/pose_mask_lite.onnx', import.meta.url),
  'pose_mask_full.onnx': () => new URL('../../models/pose_mask_full.onnx', import.meta.url),
  'pose_mask_heavy.onnx': () => new URL('../../models/pose_mask_heavy.onnx', import.meta.url),
} as const;

/** The name of a file that the worker loads by URL. */
export type AssetFile = keyof typeof PACKAGED;

/** The person detector. */
export const DETECTOR_FILE: AssetFile = 'pose_detector.onnx';

/** The second person detector, which finds whole bodies. */
export const PERSON_DETECTOR_FILE: AssetFile = 'person_detector.onnx';

/** The landmark model file of each choice of `model`. */
export const LANDMARK_FILES: Record<LandmarkModel, AssetFile> = {
  lite: 'pose_landmark_lite.onnx',
  full: 'pose_landmark_full.onnx',
  heavy: 'pose_landmark_heavy.onnx',
};

/** The file that makes each landmark model's features into a mask. */
export const MASK_FILES: Record<LandmarkModel, AssetFile> = {
  lite: 'pose_mask_lite.onnx',
  full: 'pose_mask_full.onnx',
  heavy: 'pose_mask_heavy.onnx',
};

/** Script and program of each build of the runtime. */
export const RUNTIME_FILES: Record<BackendInfo['runtime'], { mjs: AssetFile; wasm: AssetFile }> = {
  plain: { mjs: 'ort-wasm-simd-threaded.mjs', wasm: 'ort-wasm-simd-threaded.wasm' },
  jspi: { mjs: 'ort-wasm-simd-threaded.jspi.mjs', wasm: 'ort-wasm-simd-threaded.jspi.wasm' },
  asyncify: { mjs: 'ort-wasm-simd-threaded.asyncify.mjs', wasm: 'ort-wasm-simd-threaded.asyncify.wasm' },
};

/** A file's URL: in the package itself, or under its own name in the folder an app hosts the files in. */
export function assetUrl(file: AssetFile, baseUrl: string | undefined): string {
  return baseUrl === undefined ? PACKAGED[file]().href : new URL(file, baseUrl).href;
}
