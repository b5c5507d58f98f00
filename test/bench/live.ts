/**
 * Follows a person before a fake camera with the built library in headless Chromium, and says what that
 * costs: of the page's main thread, in latency, and in memory over thousands of frames.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright';
import { openLibrary } from '../../scripts/headless.ts';
import { LANDMARK_MODELS } from '../../src/schema/loading.ts';
import { makeCamera } from './camera.ts';
import { followCrowd } from './crowd.ts';
import { median, quantile } from './figures.ts';
import { mainThread } from './trace.ts';

/** What TypeScript does not know yet. */
declare global {
  interface Performance {
    measureUserAgentSpecificMemory(): Promise<{
      bytes: number;
      breakdown: { bytes: number; attribution: { scope: string }[] }[];
    }>;
  }
}

const USAGE = `usage: npm run bench -- live [options]
  --model NAME   ${LANDMARK_MODELS.join(', ')} (default full)
  --threads N    WASM threads (default: the library's own choice)
  --frames N     frames to measure (default 300)
  --soak N       instead: N frames as fast as they are answered, with the memory they leave behind; fails (exit code 1)
                 where that grows by more than 3 % after the first 500, or a frame is not closed
  --crowd DIR    instead: twelve people in a clip that plays, with and without a rate that is asked for. DIR has the clip
                 (crowd.webm, crowd.json), or the annotated clips of which scripts/crowd-clip.ts makes it`;

/** Frames that are not measured, since the browser still translates. */
const SETTLING = 60;
/** How long the worker is blocked on purpose, in milliseconds. */
const BLOCK_MS = 2000;

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'full' },
    threads: { type: 'string' },
    frames: { type: 'string', default: '300' },
    soak: { type: 'string' },
    crowd: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const model = LANDMARK_MODELS.find((name) => name === values.model);
const frames = Number(values.frames);
const soak = values.soak === undefined ? undefined : Number(values.soak);
if (values.help || !model || !(frames >= 1) || (soak !== undefined && !(soak >= 1000))) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 2);
}

/** What runs in the worker before the library: it blocks when it is told to, and counts frames and memory. */
const WORKER_SCRIPT = `
const open = new Set();
const memories = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(...given) { super(...given); memories.push(this); }
};
addEventListener('message', ({ data }) => {
  for (const { value } of data?.argumentList ?? []) if (value?.frame instanceof VideoFrame) open.add(value.frame);
  for (const frame of open) if (frame.format === null) open.delete(frame);
  if (data?.blockMs) for (const end = performance.now() + data.blockMs; performance.now() < end;);
  if (data?.report) {
    postMessage({ open: open.size, wasm: memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) });
  }
});`;

const folder = mkdtempSync(join(tmpdir(), 'body21-'));
const chosen = { model, ...(values.threads !== undefined && { threads: Number(values.threads) }) };
try {
  if (values.crowd === undefined) await followCamera(chosen);
  else await followCrowd({ data: values.crowd, ...chosen }, folder);
} finally {
  rmSync(folder, { recursive: true });
}

/** Follows the person before the fake camera. */
async function followCamera(asked: typeof chosen): Promise<void> {
  const cameraArgs = await makeCamera(join(folder, 'camera.mjpeg'));
  const library = await openLibrary({
    ...asked,
    quality: 'fast',
    backend: 'wasm',
    browserArgs: [...cameraArgs, '--enable-blink-features=ForceEagerMeasureMemory'],
    workerScript: WORKER_SCRIPT,
  });
  const warnings: string[] = [];
  library.page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) warnings.push(message.text());
  });
  try {
    const { runtime, threads, threadsReason } = library.backend;
    const count = threadsReason ?? `${threads} thread${threads === 1 ? '' : 's'}`;
    console.log(`${asked.model}, WASM by ${runtime}, ${count}, 640 × 480, one person`);
    if (soak === undefined) {
      await library.browser.startTracing(library.page, { categories: ['toplevel', 'blink.user_timing'] });
      const measured = await follow(library.page, SETTLING + frames);
      const thread = mainThread(await library.browser.stopTracing(), 'body21-frame', SETTLING);
      report(measured.slice(SETTLING), thread);
      console.log(await block(library.page));
    } else {
      process.exitCode = await endure(library.page, soak, warnings);
    }
  } finally {
    await library.close();
  }
}

interface Measured {
  at: number;
  latencyMs: number;
  decodeMs: number;
  landmarksMs: number;
  isSearch: boolean;
  dropped: number;
  people: number;
}

/** Follows the camera for so many frames. */
function follow(page: Page, count: number): Promise<Measured[]> {
  return page.evaluate(async (wanted) => {
    const client = globalThis.body21Client;
    if (!client) throw new Error('no client');
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
    const measured: Measured[] = [];
    for await (const { latencyMs, dropped, stages, result } of client.track(stream)) {
      performance.mark('body21-frame');
      measured.push({
        at: performance.now(),
        latencyMs,
        decodeMs: stages.find(({ stage }) => stage === 'decode')?.ms ?? 0,
        landmarksMs: stages.find(({ stage }) => stage === 'landmarks')?.ms ?? 0,
        isSearch: stages.some(({ stage }) => stage === 'detect'),
        dropped,
        people: result.person_num,
      });
      if (measured.length === wanted) break;
    }
    for (const track of stream.getTracks()) track.stop();
    return measured;
  }, count);
}

function report(measured: readonly Measured[], thread: { perFrame: number[]; longest: number }): void {
  const latencies = measured.map(({ latencyMs }) => latencyMs);
  const landmarks = measured.map(({ landmarksMs }) => landmarksMs);
  const decoding = measured.map(({ decodeMs }) => decodeMs);
  const [first, last] = [measured[0], measured.at(-1)];
  const seconds = ((last?.at ?? 0) - (first?.at ?? 0)) / 1000;
  const found = measured.filter(({ people }) => people === 1).length;
  const searches = measured.filter(({ isSearch }) => isSearch).length;
  const dropped = measured.reduce((sum, each) => sum + each.dropped, 0);
  console.log(
    `${measured.length} frames, ${((measured.length - 1) / seconds).toFixed(1)} a second, ${dropped} left out; one person in ${found}, detectors within ${searches}`,
  );
  console.log(
    `latency: median ${ms(median(latencies))}, 95th percentile ${ms(quantile(latencies, 0.95))}; reading the frame ${ms(median(decoding))}, the landmark model's run ${ms(median(landmarks))}: ${(median(latencies) / median(landmarks)).toFixed(2)} times the latter (aim: 1.5)`,
  );
  console.log(
    `main thread per frame: median ${ms(median(thread.perFrame))} (aim: 3), 95th percentile ${ms(quantile(thread.perFrame, 0.95))}; longest task ${ms(thread.longest)} (aim: 50)`,
  );
}

/** Blocks the worker while it follows, and says how old the first frame is that is answered afterwards. */
function block(page: Page): Promise<string> {
  return page.evaluate(async (blockMs) => {
    const client = globalThis.body21Client;
    const worker = globalThis.body21Worker;
    if (!client || !worker) throw new Error('no client');
    const memory = async () => (await performance.measureUserAgentSpecificMemory()).bytes;
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
    let count = 0;
    let blockedAt = 0;
    let before = 0;
    let during = 0;
    for await (const { latencyMs, dropped } of client.track(stream)) {
      count++;
      if (count === 20) {
        before = await memory();
      } else if (count === 30) {
        blockedAt = performance.now();
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
        worker.postMessage({ blockMs });
      } else if (blockedAt > 0 && performance.now() - blockedAt > blockMs - 100) {
        during = await memory();
        for (const track of stream.getTracks()) track.stop();
        const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
        return `worker blocked for ${blockMs} ms: the first frame answered after it was ${latencyMs.toFixed(0)} ms old (aim: 100), ${dropped} left out; memory ${mb(before)} before, ${mb(during)} after`;
      }
    }
    throw new Error('the camera ended');
  }, BLOCK_MS);
}

interface Sample {
  frames: number;
  page: number;
  worker: number;
  wasm: number;
  openOnPage: number;
  openInWorker: number;
}

/** Follows so many frames, and looks at the memory now and then. */
async function endure(page: Page, count: number, warnings: readonly string[]): Promise<number> {
  await page.exposeFunction('body21Sample', (sample: Sample) => {
    samples.push(sample);
    const mb = (bytes: number) => (bytes / 1e6).toFixed(1).padStart(8);
    console.log(
      `${String(sample.frames).padStart(7)} frames: page ${mb(sample.page)} MB, worker ${mb(sample.worker)} MB, WASM ${mb(sample.wasm)} MB; open frames: page ${sample.openOnPage}, worker ${sample.openInWorker}`,
    );
  });
  const samples: Sample[] = [];
  const photo = `data:image/jpeg;base64,${readFileSync('public/samples/stand.jpg').toString('base64')}`;
  const leftOpen = await page.evaluate(
    async ({ wanted, url }) => {
      const client = globalThis.body21Client;
      const worker = globalThis.body21Worker;
      const tell: unknown = Reflect.get(globalThis, 'body21Sample');
      if (!client || !worker || typeof tell !== 'function') throw new Error('no client');
      const picture = await createImageBitmap(await (await fetch(url)).blob());
      const canvas = new OffscreenCanvas(640, 480);
      const context = canvas.getContext('2d');
      const open = new Set<VideoFrame>();
      const prune = () => {
        for (const frame of open) if (frame.format === null) open.delete(frame);
        return open.size;
      };
      const inWorker = () =>
        new Promise<{ open: number; wasm: number }>((resolve) => {
          const listen = ({ data }: MessageEvent) => {
            if (typeof data !== 'object' || data === null || !('wasm' in data)) return;
            worker.removeEventListener('message', listen);
            resolve(data);
          };
          worker.addEventListener('message', listen);
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
          worker.postMessage({ report: true });
        });
      const sample = async (after: number) => {
        const { breakdown } = await performance.measureUserAgentSpecificMemory();
        const of = (scope: string) =>
          breakdown
            .filter(({ attribution }) => attribution.some((each) => each.scope === scope))
            .reduce((sum, { bytes }) => sum + bytes, 0);
        const there = await inWorker();
        tell({
          frames: after,
          page: of('Window'),
          worker: of('DedicatedWorkerGlobalScope'),
          wasm: there.wasm,
          openOnPage: prune(),
          openInWorker: there.open,
        });
      };
      let made = 0;
      let isCancelled = false;
      const source = new ReadableStream<VideoFrame>(
        {
          async pull(controller) {
            // Sixty a second at most: a source that never waits would have
            // nothing but frames that are left out.
            await new Promise((resolve) => setTimeout(resolve, 16));
            const shift = 60 * Math.sin(made / 10);
            const width = (480 * picture.width) / picture.height;
            context?.clearRect(0, 0, 640, 480);
            context?.drawImage(picture, (640 - width) / 2 + shift, 0, width, 480);
            if (isCancelled) return;
            const frame = new VideoFrame(canvas, { timestamp: made++ * 16_667 });
            open.add(frame);
            prune();
            controller.enqueue(frame);
          },
          cancel() {
            isCancelled = true;
          },
        },
        { highWaterMark: 0 },
      );
      let answered = 0;
      for await (const { result } of client.track(source)) {
        answered++;
        if (answered > 100 && result.person_num !== 1)
          throw new Error(`${result.person_num} people in frame ${answered}`);
        if (answered === 500 || answered % 1000 === 0) await sample(answered);
        if (answered === wanted) break;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
      return prune() + (await inWorker()).open;
    },
    { wanted: count, url: photo },
  );
  let failures = 0;
  const expectFlat = (name: string, bytesOf: (sample: Sample) => number) => {
    const [first, last] = [samples[0], samples.at(-1)].map((sample) =>
      sample ? bytesOf(sample) : Number.NaN,
    );
    const growth = (last ?? Number.NaN) / (first ?? Number.NaN) - 1;
    if (!(growth <= 0.03)) failures++;
    console.log(`${name}: ${(100 * growth).toFixed(1)} % more than after 500 frames (aim: 3)`);
  };
  // The page's own part is two megabytes, which garbage alone changes by a tenth.
  expectFlat('JavaScript heap, page and worker', ({ page: onPage, worker }) => onPage + worker);
  expectFlat('WASM memory', ({ wasm }) => wasm);
  console.log(`frames left open: ${leftOpen}; warnings in the console: ${warnings.length}`);
  for (const warning of warnings) console.log(`  ${warning}`);
  return failures + leftOpen + warnings.length > 0 ? 1 : 0;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
