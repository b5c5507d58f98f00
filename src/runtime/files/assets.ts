import { BodyAnalysisError } from '../../schema/errors.ts';

/**
 * Every file the worker loads by URL, each a literal `new URL('…', import.meta.url)`: bundlers find and copy
 * them by that form, and the library's own build rewrites the paths to the package's.
 */
const PACKAGED = {
  'ort.webgpu.min.mjs': () =>
    new URL('../../../node_modules/onnxruntime-web/dist/ort.webgpu.min.mjs', import.meta.url),
  'ort-wasm-simd-threaded.jspi.mjs': () =>
    new URL('../../../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.jspi.mjs', import.meta.url),
  'ort-wasm-simd-threaded.jspi.wasm': () =>
    new URL('../../../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.jspi.wasm', import.meta.url),
  'ort-wasm-simd-threaded.jspi.wasm.gz': () =>
    new URL('../../../models/ort-wasm-simd-threaded.jspi.wasm.gz', import.meta.url),
  'ort-wasm-simd-threaded.asyncify.mjs': () =>
    new URL(
      '../../../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs',
      import.meta.url,
    ),
  'ort-wasm-simd-threaded.asyncify.wasm.gz': () =>
    new URL('../../../models/ort-wasm-simd-threaded.asyncify.wasm.gz', import.meta.url),
  'movenet_thunder.onnx.planes.gz': () =>
    new URL('../../../models/movenet_thunder.onnx.planes.gz', import.meta.url),
  'nanodet.onnx.planes.gz': () => new URL('../../../models/nanodet.onnx.planes.gz', import.meta.url),
  'pose_detector.onnx.planes.gz': () =>
    new URL('../../../models/pose_detector.onnx.planes.gz', import.meta.url),
  'pose_landmark_lite.onnx.planes.gz': () =>
    new URL('../../../models/pose_landmark_lite.onnx.planes.gz', import.meta.url),
  'pose_landmark_full.onnx.planes.gz': () =>
    new URL('../../../models/pose_landmark_full.onnx.planes.gz', import.meta.url),
  'pose_landmark_heavy.onnx.planes.gz': () =>
    new URL('../../../models/pose_landmark_heavy.onnx.planes.gz', import.meta.url),
  'pose_mask_lite.onnx.planes.gz': () =>
    new URL('../../../models/pose_mask_lite.onnx.planes.gz', import.meta.url),
  'pose_mask_full.onnx.planes.gz': () =>
    new URL('../../../models/pose_mask_full.onnx.planes.gz', import.meta.url),
  'pose_mask_heavy.onnx.planes.gz': () =>
    new URL('../../../models/pose_mask_heavy.onnx.planes.gz', import.meta.url),
  'own-networks.js': () => new URL('../../worker/own-networks.ts', import.meta.url),
} as const;

/** The name of a file that the worker loads by URL. */
export type AssetFile = keyof typeof PACKAGED;

/** The name under which a model of the manifest is packaged. */
export function packedName<Name extends string>(model: Name): `${Name}.planes.gz` {
  return `${model}.planes.gz`;
}

/**
 * The file of a network, or of its head, by its name in `models/`.
 * @throws BodyAnalysisError `internal` where the worker has no such file to load
 */
export function fileOf(name: string): AssetFile {
  const file = packedName(`${name}.onnx`);
  if (!isAsset(file)) throw new BodyAnalysisError('internal', `There is no file of a network ${name}.`);
  return file;
}

function isAsset(file: string): file is AssetFile {
  return Object.hasOwn(PACKAGED, file);
}

/** ONNX Runtime's own module, which drives either build. */
export const RUNTIME_MODULE: AssetFile = 'ort.webgpu.min.mjs';

/** A build of ONNX Runtime. */
export type OrtBuild = 'jspi' | 'asyncify';

/**
 * Script and WASM binary of each build of ONNX Runtime, the binary packed, and also as it is
 * where that lets browsers keep it compiled. Safari, whose file `asyncify` is, keeps none,
 * and some hosts take no file of its 27 MB.
 */
export const RUNTIME_FILES: Record<OrtBuild, { mjs: AssetFile; wasm?: AssetFile; packed: AssetFile }> = {
  jspi: {
    mjs: 'ort-wasm-simd-threaded.jspi.mjs',
    wasm: 'ort-wasm-simd-threaded.jspi.wasm',
    packed: 'ort-wasm-simd-threaded.jspi.wasm.gz',
  },
  asyncify: {
    mjs: 'ort-wasm-simd-threaded.asyncify.mjs',
    packed: 'ort-wasm-simd-threaded.asyncify.wasm.gz',
  },
};

/**
 * A file's whole URL: in the package itself, or under its own name in the folder an app hosts the files in.
 */
export function assetUrl(file: AssetFile, baseUrl: string | undefined): string {
  const url = baseUrl === undefined ? PACKAGED[file]().href : new URL(file, baseUrl).href;
  // Next.js puts something of its own in the place of `new URL('…', import.meta.url)`, which knows no origin.
  return url.startsWith('/') ? `${globalThis.location.origin}${url}` : url;
}
