/**
 * The built library in headless Chromium, for the commands that analyse files: what they measure is what a
 * page gets, down to the decoder.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright';
import type { Browser, Page } from 'playwright';
import { preview } from 'vite';
import type { PreviewServer } from 'vite';
import type * as Library from '../src/index.ts';
import type {
  AnalysisOptions,
  BackendChoice,
  BackendInfo,
  BodyAnalysisClient,
  BodyAnalysisResult,
  LandmarkModel,
  Quality,
  TrackedFrame,
  TrackOptions,
} from '../src/index.ts';
import { BROWSER_ARGS, ensureBrowser } from './find-browser.ts';
import { ROOT } from './root.ts';

export { ROOT } from './root.ts';

/** What the page that is driven keeps between calls: the client, and the worker that it started last. */
declare global {
  // oxlint-disable-next-line no-var -- only `var` declares a property of globalThis
  var body21Client: BodyAnalysisClient | undefined;
  // oxlint-disable-next-line no-var -- as above
  var body21Worker: Worker | undefined;
}

/** Options of an analysis that can be handed to another process. */
export type FileOptions = Pick<AnalysisOptions, 'debug' | 'extras'>;

/** A library that is open and waits for files. */
export interface HeadlessLibrary {
  backend: BackendInfo;
  /** Where `globalThis.body21Client` is. */
  page: Page;
  browser: Browser;
  /**
   * Analyses one file.
   * @throws Error with the library's message in it, or the file system's
   */
  analyse(path: string, options?: FileOptions): Promise<{ result: BodyAnalysisResult; ms: number }>;
  /** Follows everyone through every frame of a video file. */
  follow(path: string, options?: Pick<TrackOptions, 'maxPersons' | 'smoothing'>): Promise<TrackedFrame[]>;
  close(): Promise<void>;
}

/** Without these two headers a page has no SharedArrayBuffer, and so no threads for WASM. */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** @throws Error that says what to do where the library is not built */
export function requireBuild(): void {
  if (!existsSync(join(ROOT, 'dist/worker.js'))) {
    throw new Error('The library is not built: npm run build does that.');
  }
}

/**
 * Serves a worker that has that script before the library. By the server: what is answered in its stead for
 * the page does not reach the threads, which a worker starts from its own script.
 */
function serveWorker({ middlewares }: PreviewServer, before = ''): void {
  const scripts = new Map([
    // A script's own statements come after its imports: so what comes before is an import too.
    ['/observed-worker.js', "import './before.js'; import './worker.js';"],
    ['/before.js', before],
  ]);
  middlewares.use((request, response, next) => {
    const script = scripts.get(request.url ?? '');
    if (script === undefined) next();
    else response.writeHead(200, { ...ISOLATION, 'Content-Type': 'text/javascript' }).end(script);
  });
}

/** Serves `dist/`, opens it in Chromium and loads the models. */
export async function openLibrary({
  browserArgs = [],
  workerScript,
  ...options
}: {
  model: LandmarkModel;
  quality: Quality;
  backend?: BackendChoice;
  threads?: number;
  /** Flags for Chromium beside the usual ones. */
  browserArgs?: readonly string[];
  /** JavaScript that is to run in the worker beside the library, before it. */
  workerScript?: string;
}): Promise<HeadlessLibrary> {
  requireBuild();
  const server = await preview({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    build: { outDir: 'dist' },
    preview: { host: '127.0.0.1', port: 0, headers: ISOLATION },
    plugins: [
      { name: 'worker-script', configurePreviewServer: (started) => serveWorker(started, workerScript) },
    ],
  });
  const origin = server.resolvedUrls?.local[0];
  if (!origin) throw new Error('the server has no address');
  const browser = await chromium.launch({
    executablePath: ensureBrowser(),
    args: [...BROWSER_ARGS, ...browserArgs],
  });
  const close = async () => {
    await browser.close();
    await server.close();
  };
  try {
    const page = await browser.newPage();
    // tsx has functions keep their names by a helper of its own, which functions
    // that run in the page refer to as well.
    await page.addInitScript('globalThis.__name = (named) => named');
    let bytes = Buffer.alloc(0);
    await page.route('**/page', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: '<!doctype html><title>body21</title>',
        headers: ISOLATION,
      }),
    );
    await page.route('**/file', (route) =>
      route.fulfill({ body: bytes, contentType: 'application/octet-stream' }),
    );
    await page.goto(`${origin}page`);
    const backend = await page.evaluate(
      async ({ url, ...choice }) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the built file has no types of its own
        const library = (await import(url)) as typeof Library;
        globalThis.Worker = class extends Worker {
          constructor(...given: ConstructorParameters<typeof Worker>) {
            super(...given);
            globalThis.body21Worker = this;
          }
        };
        globalThis.body21Client = await library.BodyAnalysisClient.create(choice);
        return globalThis.body21Client.backend;
      },
      {
        url: `${origin}index.js`,
        ...options,
        ...(workerScript !== undefined && { workerUrl: `${origin}observed-worker.js` }),
      },
    );
    return {
      backend,
      page,
      browser,
      async analyse(file, fileOptions = {}) {
        bytes = await readFile(file);
        return page.evaluate(async (analysisOptions) => {
          const client = globalThis.body21Client;
          if (!client) throw new Error('no client');
          const response = await fetch('/file', { cache: 'no-store' });
          const blob = await response.blob();
          const start = performance.now();
          const result = await client.bodyAnalysis(blob, analysisOptions);
          return { result, ms: performance.now() - start };
        }, fileOptions);
      },
      async follow(file, trackOptions = {}) {
        bytes = await readFile(file);
        return page.evaluate(async (following) => {
          const client = globalThis.body21Client;
          if (!client) throw new Error('no client');
          const response = await fetch('/file', { cache: 'no-store' });
          const video = document.createElement('video');
          video.muted = true;
          // A blob can be sought in; what a route answers cannot.
          video.src = URL.createObjectURL(await response.blob());
          await new Promise((resolve, reject) => {
            video.addEventListener('loadeddata', resolve);
            video.addEventListener('error', () => reject(new Error('the browser cannot play the file')));
          });
          const frames: TrackedFrame[] = [];
          for await (const frame of client.track(video, { ...following, everyFrame: true }))
            frames.push(frame);
          URL.revokeObjectURL(video.src);
          return frames;
        }, trackOptions);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
