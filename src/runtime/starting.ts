import type { Network } from '../networks/network.ts';
import { isBodyAnalysisError, wrongOnGpu } from '../schema/errors.ts';
import type { BodyAnalysisError } from '../schema/errors.ts';
import type { BackendChoice, BackendInfo, BackendName } from '../schema/loading.ts';
import { withoutGpu } from './backend/backend.ts';
import type { Backend } from './backend/backend.ts';
import { RunningNetwork } from './backend/running-network.ts';
import { tryGpu, withFigures } from './backend/gpu-trial.ts';
import type { NetworkBytes } from './files/network-files.ts';
import type { ReadyNetwork } from './loader.ts';

/** Networks on their way. */
export type Fetched = ReadonlyMap<Network, Promise<NetworkBytes>>;

/** Networks that are ready, and what they are ready on. */
export interface Started {
  backend: Backend;
  ready: ReadonlyMap<Network, ReadyNetwork>;
  /** Of the main network. */
  precision: BackendInfo['precision'];
  batch: number;
  /** The longest first run on the GPU, in milliseconds; 0 on WASM, where nothing was run. */
  slowestRunMs: number;
}

/** How to start networks. */
export interface StartOptions {
  choice: BackendChoice;
  /** The network whose speed decides between GPU and WASM. */
  main: Network;
  /** Told before every step, with what is tried. */
  onHeartbeat: (backend: BackendName) => void;
}

/**
 * Starts networks, one after the other, since the runtime makes one session at a time: on the GPU where there
 * is one and each of them proves right on it, and the main one quick as well; else on WASM, all of them,
 * since a picture is in one place.
 * @throws BodyAnalysisError what fetching throws; `backend-failed`, `gpu-failed` or `inference-failed`
 */
export async function startNetworks(
  backend: Backend,
  fetched: Fetched,
  options: StartOptions,
): Promise<Started> {
  const { gpu, runtimes } = backend;
  if (!gpu) return startOnWasm(backend, fetched, options);
  const { choice, main, onHeartbeat } = options;
  const onStep = () => onHeartbeat('webgpu');
  onStep();
  // The main one first: where WASM is quicker, the others need not be tried.
  const inOrder = [...fetched].toSorted(([a], [b]) => Number(b === main) - Number(a === main));
  const started = await withFigures(gpu, async (figures) => {
    const ready = new Map<Network, ReadyNetwork>();
    let slowestRunMs = 0;
    let ofMain: Pick<Started, 'precision' | 'batch'> = { precision: 'float32', batch: 1 };
    for (const [network, coming] of inOrder) {
      const bytes = await coming;
      const hasRival = network === main;
      const trial = await tryGpu(gpu, { runtimes, network, bytes, choice, figures, hasRival }, onStep);
      if ('reason' in trial) {
        for (const { running } of ready.values()) await running.release();
        return trial;
      }
      ready.set(network, trial);
      slowestRunMs = Math.max(slowestRunMs, trial.slowestRunMs);
      if (network === main) ofMain = trial;
    }
    return { ready, slowestRunMs, precision: ofMain.precision, batch: ofMain.batch };
  });
  if (!('reason' in started)) return { backend, ...started };
  gpu.device.destroy();
  return startOnWasm(withoutGpu(backend, started.reason), fetched, options);
}

async function startOnWasm(
  backend: Backend,
  fetched: Fetched,
  { onHeartbeat }: Pick<StartOptions, 'onHeartbeat'>,
): Promise<Started> {
  const ready = new Map<Network, ReadyNetwork>();
  for (const [network, coming] of fetched) {
    onHeartbeat('wasm');
    const running = await RunningNetwork.start(network, await coming, {
      runtimes: backend.runtimes,
      gpu: undefined,
    });
    ready.set(network, { running, batch: 1 });
  }
  return { backend, ready, precision: 'float32', batch: 1, slowestRunMs: 0 };
}

/**
 * Starts one more network beside others that run.
 * @throws BodyAnalysisError `backend-failed`, `gpu-failed` or `inference-failed`; {@link wrongOnGpu} where
 * the GPU gives something else than WASM
 */
export async function startOneMore(
  { gpu, runtimes }: Pick<Backend, 'gpu' | 'runtimes'>,
  network: Network,
  bytes: NetworkBytes,
  { choice, onHeartbeat }: { choice: BackendChoice; onHeartbeat: () => void },
): Promise<ReadyNetwork> {
  onHeartbeat();
  if (!gpu) return { running: await RunningNetwork.start(network, bytes, { runtimes, gpu }), batch: 1 };
  // What one network computes right in half precision, and how many at once are
  // quickest, need not be so with another.
  const trial = await withFigures(gpu, (figures) =>
    tryGpu(gpu, { runtimes, network, bytes, choice, figures, hasRival: false }, onHeartbeat),
  ).catch((error: unknown) => {
    // An app's own may need what this GPU has not, such as half precision.
    const isItsOwn = network.load && isBodyAnalysisError(error) && error.code === 'inference-failed';
    throw isItsOwn ? wrongOnGpu(`It does not run ${network.file}: ${causeOf(error)}`) : error;
  });
  if ('reason' in trial) throw wrongOnGpu(trial.reason);
  return trial;
}

function causeOf({ cause, message }: BodyAnalysisError): string {
  return cause instanceof Error ? cause.message : message;
}
