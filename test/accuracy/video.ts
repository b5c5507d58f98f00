/** How well people are followed through clips whose people are known in every frame. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openLibrary } from '../../scripts/headless.ts';
import type { LandmarkModel } from '../../src/schema/loading.ts';
import { judge } from './video-figures.ts';
import type { Clip, VideoFigures } from './video-figures.ts';

/** A clip's figures with one model, by the clip's name. */
export type FiguresOfClips = Record<string, VideoFigures>;

/**
 * Follows people through a folder's clips and prints a clip's figures as soon as
 * they are there: all of them take minutes.
 * @param options.raw whether to go through the clips once more, without smoothing
 * @param onClip told after each clip, of all until then
 */
export async function runVideo(
  folder: string,
  { model, raw }: { model: LandmarkModel; raw: boolean },
  onClip: (figures: FiguresOfClips) => void = () => {},
): Promise<FiguresOfClips> {
  const clips = readClips(resolve(folder));
  // As `create` has it: with `fast` MoveNet takes no part.
  const library = await openLibrary({ model, quality: 'balanced' });
  const { name: backend, threads } = library.backend;
  console.log(`${clips.length} clips, ${model}, ${backend} with ${threads} threads`);
  const runs = (raw ? [true, false] : [true]).flatMap((isSmoothed) =>
    clips.map((clip) => ({ clip, isSmoothed, name: isSmoothed ? clip.name : `${clip.name}, not smoothed` })),
  );
  const nameWidth = Math.max(...runs.map(({ name }) => name.length));
  console.log(line('clip', Object.keys(COLUMNS), nameWidth));
  const figures: FiguresOfClips = {};
  try {
    for (const { clip, isSmoothed, name } of runs) {
      const frames = await library.follow(clip.file, { smoothing: isSmoothed ? {} : false });
      const ofClip = judge(clip, frames);
      figures[name] = ofClip;
      console.log(
        line(
          name,
          Object.values(COLUMNS).map((show) => show(ofClip)),
          nameWidth,
        ),
      );
      onClip(figures);
    }
  } finally {
    await library.close();
  }
  return figures;
}

/** What is printed of a clip, by the heads of the columns. */
const COLUMNS: Readonly<Record<string, (figures: VideoFigures) => string>> = {
  frames: ({ frames }) => String(frames),
  found: ({ found }) => shown(found, 3),
  '6-11': ({ foundPartly }) => shown(foundPartly, 3),
  error: ({ meanError }) => shown(meanError, 3),
  median: ({ medianError }) => shown(medianError, 3),
  switches: ({ idSwitches }) => String(idSwitches),
  false: ({ falsePerFrame }) => shown(falsePerFrame, 3),
  jitter: ({ jitter }) => shown(jitter, 4),
  lag: ({ lag }) => shown(lag, 1),
};

/** Wide enough for every head and every figure. */
const COLUMN_WIDTH = 8;

function line(name: string, cells: readonly string[], nameWidth: number): string {
  return [name.padEnd(nameWidth), ...cells.map((cell) => cell.padStart(COLUMN_WIDTH))].join('  ');
}

function shown(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}

function readClips(folder: string): Clip[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => {
      const name = file.slice(0, -'.json'.length);
      const truth: Pick<Clip, 'fps' | 'frames'> = JSON.parse(readFileSync(join(folder, file), 'utf8'));
      return { ...truth, name, file: join(folder, `${name}.webm`) };
    });
}
