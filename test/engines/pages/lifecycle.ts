/** Beginning, failing, coming back and ending. */
import { BodyAnalysisClient, BodyAnalysisError } from 'body21';
import type { LoadProgress, RecoveredEvent } from 'body21';
import {
  delay,
  GOLDEN,
  goldenClient,
  must,
  mustBeGolden,
  mustReject,
  requested,
  sampleBlob,
  Skip,
  withClient,
  within,
} from './expect.ts';

export async function defaults(): Promise<void> {
  await withClient({}, async (client) => {
    const { person_num, person_info } = await client.bodyAnalysis(await sampleBlob('two'));
    must(person_num >= 2, `${person_num} people, not 2`);
    const [one, other] = person_info;
    must((one?.location.score ?? 0) > 0.5 && (other?.location.score ?? 0) > 0.5, 'they are not sure');
  });
}

export async function oneThread(): Promise<void> {
  must(!crossOriginIsolated, 'the page is isolated');
  // More are asked for than there can be.
  await withClient({ ...GOLDEN, threads: 2 }, async (client) => {
    must(
      client.backend.threads === 1,
      `it runs on ${client.backend.threads} threads: ${client.backend.threadsReason}`,
    );
    must(client.backend.threadsReason !== undefined, 'it does not say why there is only one');
    mustBeGolden(await client.bodyAnalysis(await sampleBlob('yoga')), 'yoga');
  });
}

export async function threads(): Promise<void> {
  if (!crossOriginIsolated) throw new Skip('The two headers do not isolate a page of this engine.');
  await withClient({ ...GOLDEN, threads: 2 }, async (client) => {
    must(
      client.backend.threads === 2,
      `it runs on ${client.backend.threads} threads: ${client.backend.threadsReason}`,
    );
    mustBeGolden(await client.bodyAnalysis(await sampleBlob('yoga')), 'yoga');
  });
}

export async function webgpu(): Promise<void> {
  if (!('gpu' in navigator)) throw new Skip('This engine offers no WebGPU here.');
  if (!(await navigator.gpu.requestAdapter())) throw new Skip('WebGPU finds no adapter here.');
  await withClient({ ...GOLDEN, backend: 'webgpu' }, async (client) => {
    const { name, skipped } = client.backend;
    const photo = await sampleBlob('stand');
    if (name !== 'webgpu') {
      mustBeGolden(await client.bodyAnalysis(photo), 'stand');
      const reasons = skipped.map(({ reason }) => reason).join(' ');
      throw new Skip(`There is an adapter here, but WASM had to take its place: ${reasons}`);
    }
    mustBeGolden(await client.bodyAnalysis(photo), 'stand');
  });
}

export async function cancel(): Promise<void> {
  const client = await goldenClient();
  const photo = await sampleBlob('two');
  const reason = new Error('not wanted any more');
  const controller = new AbortController();
  const call = client.bodyAnalysis(photo, { signal: controller.signal });
  await delay(10);
  controller.abort(reason);
  must((await mustReject(call)) === reason, 'it rejects with something else than the reason');
  mustBeGolden(await client.bodyAnalysis(photo), 'two');
}

export async function recovery(): Promise<void> {
  const workers: Worker[] = [];
  const Original = globalThis.Worker;
  globalThis.Worker = class extends Original {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      workers.push(this);
    }
  };
  try {
    await withClient(GOLDEN, async (client) => {
      const events: RecoveredEvent[] = [];
      client.addEventListener('recovered', (event) => events.push(event));
      const [first, ...more] = workers;
      must(first !== undefined && more.length === 0, 'not one worker was started');
      first.terminate();
      mustBeGolden(await client.bodyAnalysis(await sampleBlob('jump')), 'jump');
      const codes = events.map(({ error }) => error.code).join(', ');
      must(codes === 'worker-hung', `it recovered from: ${codes}`);
      must(workers.length === 2, `${workers.length} workers were started, not 2`);
    });
  } finally {
    globalThis.Worker = Original;
  }
}

/** Where the first visit leaves word for the second. */
const VISITED = 'body21-visited';

export async function secondVisit(): Promise<void> {
  const isFirst = sessionStorage.getItem(VISITED) === null;
  const own = await caches.open(VISITED);
  if (isFirst) {
    await caches.delete('body21-models');
    await own.put('/kept', new Response('of the first visit'));
  } else if (!(await own.match('/kept'))) {
    throw new Skip('What the Cache API keeps is gone after a reload here, as in private windows.');
  }
  const before = (await requested()).length;
  const progress: LoadProgress[] = [];
  await withClient({ ...GOLDEN, onProgress: (each) => progress.push(each) }, async (client) => {
    const asked = (await requested()).slice(before).filter((path) => path.includes('.onnx'));
    const last = progress.at(-1);
    must(last?.phase === 'ready' && last.loaded === last.total, 'its progress does not end with everything');
    mustBeGolden(await client.bodyAnalysis(await sampleBlob('stand')), 'stand');
    if (isFirst) {
      must(asked.length > 0, 'the first visit asked for no model: nothing can be learnt from the second');
      sessionStorage.setItem(VISITED, 'once');
      location.reload();
      // The page begins anew, with this check.
      await new Promise(() => {});
    }
    must(asked.length === 0, `the second visit asked for ${asked.join(', ')}`);
  });
}

export async function dispose(): Promise<void> {
  const client = await BodyAnalysisClient.create(GOLDEN);
  const photo = await sampleBlob('two');
  const call = client.bodyAnalysis(photo);
  await delay(10);
  client.dispose();
  client.dispose();
  for (const late of [call, client.bodyAnalysis(photo)]) {
    const error = await within(5000, mustReject(late), 'a call goes on after dispose()');
    must(error instanceof BodyAnalysisError && error.code === 'disposed', `it says ${String(error)}`);
  }
}
