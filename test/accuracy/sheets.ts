/**
 * Follows everyone through a folder's clips and writes contact sheets: every so many frames with its
 * skeletons, boxes and numbers, to be looked at.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright';
import { openLibrary } from '../../scripts/headless.ts';
import type * as Library from '../../src/index.ts';
import { LANDMARK_MODELS } from '../../src/schema/loading.ts';
import { readLimit, runCommand, UsageError } from './options.ts';

const USAGE = `usage: npm run accuracy -- sheets --out DIR [options]
  --data DIR     folder with clips that a browser plays (default ../shared/eval/video)
  --model NAME   ${LANDMARK_MODELS.join(', ')} (default lite)
  --every N      every Nth frame (default 5)
  --limit N      the first N frames of each clip only`;

/** Frames side by side and below each other on a sheet, and their width in pixels. */
const SHEET = { columns: 6, rows: 6, width: 320 };

await runCommand(USAGE, async () => {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: '../shared/eval/video' },
      out: { type: 'string' },
      model: { type: 'string', default: 'lite' },
      every: { type: 'string', default: '5' },
      limit: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const { data, out } = values;
  const model = LANDMARK_MODELS.find((name) => name === values.model);
  const every = Number(values.every);
  if (out === undefined || !model || !(Number.isInteger(every) && every >= 1)) {
    throw new UsageError('--out is needed, --model is a model, and --every an integer from 1.');
  }
  const limit = Math.min(readLimit(values.limit), Number.MAX_SAFE_INTEGER);
  mkdirSync(out, { recursive: true });
  const library = await openLibrary({ model, quality: 'fast' });
  try {
    let clip = Buffer.alloc(0);
    await library.page.route('**/clip', (route) => route.fulfill({ body: clip, contentType: 'video/webm' }));
    for (const file of readdirSync(data).filter((name) => /\.(webm|mp4)$/.test(name))) {
      clip = readFileSync(join(data, file));
      const { frames, sheets } = await drawSheets(library.page, every, limit);
      for (const [index, sheet] of sheets.entries()) {
        const path = join(out, `${parse(file).name}-${index + 1}.jpg`);
        writeFileSync(path, Buffer.from(sheet, 'base64'));
        console.log(`${path} (${frames} frames in the clip)`);
      }
    }
  } finally {
    await library.close();
  }
  return 0;
});

/** The sheets of what `/clip` answers, as base64. */
function drawSheets(page: Page, every: number, limit: number): Promise<{ frames: number; sheets: string[] }> {
  return page.evaluate(
    async ({ columns, rows, width, step, last }) => {
      const client = globalThis.body21Client;
      if (!client) throw new Error('no client');
      const url = '/index.js';
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the built file has no types of its own
      const { drawPersons } = (await import(url)) as typeof Library;
      const video = document.createElement('video');
      video.muted = true;
      video.src = URL.createObjectURL(await (await fetch('/clip', { cache: 'no-store' })).blob());
      await new Promise((resolve, reject) => {
        video.addEventListener('loadeddata', resolve);
        video.addEventListener('error', () => reject(new Error('the browser cannot play the file')));
      });
      const height = Math.round((width * video.videoHeight) / video.videoWidth);
      const sheets: string[] = [];
      const canvas = new OffscreenCanvas(columns * width, rows * height);
      const context = canvas.getContext('2d');
      if (!context) throw new Error('no canvas');
      let tile = 0;
      const finish = async () => {
        const used = new OffscreenCanvas(canvas.width, Math.ceil(tile / columns) * height);
        used.getContext('2d')?.drawImage(canvas, 0, 0);
        const bytes = new Uint8Array(
          await (await used.convertToBlob({ type: 'image/jpeg', quality: 0.8 })).arrayBuffer(),
        );
        sheets.push(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')));
        context.reset();
        tile = 0;
      };
      let frames = 0;
      for await (const { result, timestamp, frame } of client.track(video, {
        everyFrame: true,
        keepFrame: true,
        maxPersons: 20,
      })) {
        if (frames++ % step === 0 && frame) {
          context.save();
          context.translate((tile % columns) * width, Math.floor(tile / columns) * height);
          context.beginPath();
          context.rect(0, 0, width, height);
          context.clip();
          context.scale(width / frame.displayWidth, height / frame.displayHeight);
          context.drawImage(frame, 0, 0);
          drawPersons(context, result, {
            lineWidth: 3,
            labels: (person) => ('track_id' in person ? String(person.track_id) : ''),
          });
          context.restore();
          context.fillStyle = '#fff';
          context.fillText(
            `${(timestamp / 1000).toFixed(2)} s`,
            (tile % columns) * width + 4,
            (Math.floor(tile / columns) + 1) * height - 4,
          );
          tile++;
          if (tile === columns * rows) await finish();
        }
        frame?.close();
        if (frames === last) break;
      }
      if (tile > 0) await finish();
      URL.revokeObjectURL(video.src);
      return { frames, sheets };
    },
    { ...SHEET, step: every, last: limit },
  );
}
