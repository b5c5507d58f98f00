import {
  ADAPTER_OPTIONS,
  GPU_PATIENCE_MS,
  judgeAdapter,
  whyItFailed,
  whyNotOffered,
} from '../../schema/backend-choice.ts';
import { BodyAnalysisError } from '../../schema/errors.ts';
import type { BackendChoice, GpuAdapter } from '../../schema/loading.ts';

/**
 * What ONNX Runtime asks of a device it makes itself: without them it
 * refuses some kernels or compiles slower ones.
 */
const FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/**
 * A GPU device that notices when it fails. The runtime does not: a run on a lost device may never end, and
 * one that ran out of memory gives zeros.
 */
export class Gpu {
  readonly device: GPUDevice;
  readonly adapter: GpuAdapter;
  /** Whether shaders can compute in float16. */
  readonly hasHalf: boolean;
  #failure: BodyAnalysisError | undefined;
  readonly #waiting = new Set<(error: BodyAnalysisError) => void>();

  constructor(device: GPUDevice, adapter: GpuAdapter) {
    this.device = device;
    this.adapter = adapter;
    this.hasHalf = device.features.has('shader-f16');
    void device.lost.then(({ message }) => this.#fail(`The GPU was lost. ${message}`));
    device.addEventListener('uncapturederror', ({ error }) => this.#fail(error.message));
  }

  /**
   * The result of work on the device.
   * @throws BodyAnalysisError `gpu-failed` as soon as the device does, even where the work goes on for ever
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#failure) throw this.#failure;
    const result = await new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      work()
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(reject));
    });
    // An error on the device's side may have come in together with a result that it spoilt.
    if (this.#failure) throw this.#failure;
    return result;
  }

  #fail(message: string): void {
    this.#failure ??= new BodyAnalysisError(
      'gpu-failed',
      `${message.trim()} The next try starts anew; backend: 'wasm' does without the GPU.`,
    );
    for (const reject of this.#waiting) reject(this.#failure);
  }
}

/** A GPU, or why there is none to use. */
export type GpuSearch = { gpu: Gpu } | { reason: string };

/**
 * Looks for a GPU that the choice allows. To be asked before the runtime is
 * loaded, which has a file for each case.
 */
export async function findGpu(choice: BackendChoice): Promise<GpuSearch> {
  const { gpu } = globalThis.navigator as { gpu?: GPU };
  if (!gpu) return { reason: whyNotOffered(globalThis.isSecureContext, 'workers') };
  try {
    const judged = judgeAdapter(await inTime(gpu.requestAdapter(ADAPTER_OPTIONS)), choice);
    if ('reason' in judged) return judged;
    const { adapter, info } = judged;
    const requested = adapter.requestDevice({
      label: 'body21',
      requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
      requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
    });
    const device = await inTime(requested, (late) => late.destroy());
    return { gpu: new Gpu(device, info) };
  } catch (error) {
    return { reason: whyItFailed(error) };
  }
}

/**
 * What the browser answers in time.
 * @param drop is given what comes too late
 * @throws Error where nothing comes in time
 */
async function inTime<T>(promise: Promise<T>, drop: (late: T) => void = () => {}): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      promise.then(drop, () => {});
      reject(new Error(`the browser did not answer for ${GPU_PATIENCE_MS / 1000} seconds.`));
    }, GPU_PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}
