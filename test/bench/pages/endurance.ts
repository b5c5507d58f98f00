/** What the endurance run has in its pages. Each function goes there as its text: it stands alone. */
import type * as Library from '../../../src/index.ts';

/** Bytes that are in use. */
export interface Memory {
  /** JavaScript heap of the page, after a collection of garbage. */
  heap: number;
  /** WASM memory of the worker that was started last, where it can be asked. */
  wasm: number;
}

/** A picture, and how many people it shows. */
interface SamplePicture {
  blob: Blob;
  people: number;
}

/** What {@link prepare} puts into the page. */
interface Endurance {
  create: (options: Library.BodyAnalysisClientOptions) => Promise<Library.BodyAnalysisClient>;
  /** One client, one photo of one person: how many were found. */
  once: (options: Library.BodyAnalysisClientOptions) => Promise<number>;
  samples: () => Promise<SamplePicture[]>;
  memory: () => Promise<Memory>;
  kept: () => Promise<{ key: string; base64: string }[]>;
  /** Starts a client that follows everyone before the camera, until the page ends. */
  followCamera: () => Promise<void>;
  /** Whether someone is seen in five more frames of the camera within 10 seconds. */
  goesOn: () => Promise<boolean>;
  wait: (ms: number) => Promise<void>;
}

declare global {
  // oxlint-disable-next-line no-var -- only `var` declares a property of globalThis
  var endurance: Endurance;
  // oxlint-disable-next-line no-var -- as above
  var body21: typeof Library;
}

/** Runs in a page before its scripts. */
export function prepare(): void {
  let last: Worker | undefined;
  let followed = 0;
  globalThis.Worker = class extends Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      // oxlint-disable-next-line typescript/no-this-alias -- kept, not stood in for
      last = this;
    }
  };
  const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

  const create: Endurance['create'] = async (options) => {
    const client = await globalThis.body21.BodyAnalysisClient.create({
      model: 'lite',
      quality: 'fast',
      backend: 'wasm',
      warmUp: false,
      ...options,
    });
    const { runtime } = client.backend;
    if (runtime !== 'engine') throw new Error(`it runs on ${runtime}`);
    return client;
  };

  const load = async (name: string) => (await fetch(`/samples/${name}.jpg`)).blob();

  async function scaled(blob: Blob, factor: number): Promise<Blob> {
    const bitmap = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(bitmap.width * factor, bitmap.height * factor);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
  }

  const samples: Endurance['samples'] = async () => {
    const pictures: SamplePicture[] = [];
    for (const name of ['stand', 'walk', 'yoga', 'jump', 'sit']) {
      const blob = await load(name);
      for (const factor of [1, 0.6, 2]) {
        pictures.push({ blob: factor === 1 ? blob : await scaled(blob, factor), people: 1 });
      }
    }
    return pictures;
  };

  const wasmOf = (worker: Worker) =>
    new Promise<number>((resolve) => {
      const listen = ({ data }: MessageEvent) => {
        if (typeof data !== 'object' || data === null || !('wasm' in data)) return;
        worker.removeEventListener('message', listen);
        resolve(data.wasm);
      };
      worker.addEventListener('message', listen);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
      worker.postMessage({ report: true });
      // One that does not listen for this has no answer.
      setTimeout(resolve, 1000, 0);
    });

  const memory: Endurance['memory'] = async () => {
    const ask: unknown = Reflect.get(globalThis, 'usedHeap');
    if (typeof ask !== 'function') throw new Error('nobody measures the heap');
    const heap = Number(await Reflect.apply(ask, undefined, []));
    return { heap, wasm: last ? await wasmOf(last) : 0 };
  };

  globalThis.endurance = {
    create,
    samples,
    memory,
    wait,
    async followCamera() {
      const client = await create({});
      const camera = await navigator.mediaDevices.getUserMedia({ video: true });
      const follow = async () => {
        for await (const { result } of client.track(camera)) {
          if (result.person_num > 0) followed++;
        }
      };
      follow().catch(console.error);
    },
    async goesOn() {
      const before = followed;
      // The timers of a hidden page run once a second.
      for (const start = performance.now(); performance.now() < start + 10_000; await wait(100)) {
        if (followed >= before + 5) return true;
      }
      return false;
    },
    async once(options) {
      const client = await create(options);
      const { person_num } = await client.bodyAnalysis(await load('stand'));
      client.dispose();
      return person_num;
    },
    async kept() {
      const cache = await caches.open('body21-models');
      return Promise.all(
        (await cache.keys()).map(async (request) => {
          const bytes = new Uint8Array((await (await cache.match(request))?.arrayBuffer()) ?? []);
          let binary = '';
          for (const byte of bytes) binary += String.fromCharCode(byte);
          return { key: request.url.split('/').at(-1) ?? '', base64: btoa(binary) };
        }),
      );
    },
  };
}
