/** Who is compared with whom, at what. */
import type { Body21Options } from './pages/body21.ts';
import type { MediaPipeOptions } from './pages/mediapipe.ts';
import { BENCH_MODELS } from './pages/model-inputs.ts';
import { LANDMARK_MODELS } from '../../src/schema/loading.ts';
import type { LandmarkModel, Quality } from '../../src/schema/loading.ts';
import type { Comparison } from './figures.ts';

/** A page with a contender in it: the module of `pages/`, and what its `open` is given. */
export interface EntrantPage {
  module: 'body21' | 'mediapipe' | 'human' | 'ort' | 'litert';
  options: unknown;
}

/** One contender at one task. Those with equal pages share one. */
export interface Entrant {
  /** The name of what is measured. */
  figure: string;
  page: EntrantPage;
  task: string;
  /** Whether it keeps to itself whom it has found: otherwise someone must be in its answers. */
  isSilent?: boolean;
  /** Whether it is asked for the sake of its stages: the figure proper comes from the built package. */
  isObserved?: boolean;
}

/** Entrants that take turns, because they are compared. */
export interface Heat {
  name: string;
  entrants: readonly Entrant[];
}

const THREADS = [2, 1] as const;
const QUALITIES = ['fast', 'balanced'] as const satisfies readonly Quality[];

/** In the order of running; the names of the comparisons say against whom. */
export const HEATS: readonly Heat[] = [
  ...LANDMARK_MODELS.map((model): Heat => {
    const name = `tracked.${model}`;
    return {
      name,
      entrants: [
        ...body21(name, 'track', { model, quality: 'fast' }),
        mediapipe(`${name}.mediapipe`, 'track', model),
        ...(model === 'full'
          ? [
              {
                figure: `${name}.human`,
                page: { module: 'human', options: {} },
                task: 'track',
              } satisfies Entrant,
            ]
          : []),
      ],
    };
  }),
  {
    name: 'photo',
    entrants: [
      ...body21('photo.fast', 'photo', { model: 'full', quality: 'fast' }),
      ...body21('photo.balanced', 'photo', { model: 'full', quality: 'balanced' }, [false]),
      mediapipe('photo.mediapipe', 'photo', 'full', true),
    ],
  },
  {
    name: 'inference',
    entrants: Object.entries(BENCH_MODELS).flatMap(([model, { tflite }]) =>
      THREADS.flatMap((threads): Entrant[] => {
        const figure = `inference.${model}.${threads}t`;
        const options = { threads };
        return [
          { figure, page: { module: 'ort', options }, task: model },
          ...(tflite
            ? [
                {
                  figure: `${figure}.litert`,
                  page: { module: 'litert', options },
                  task: model,
                } satisfies Entrant,
              ]
            : []),
        ];
      }),
    ),
  },
];

/** What is told of starting, beside the heats. */
export const START_MODELS: readonly LandmarkModel[] = LANDMARK_MODELS;

const START_COMPARISONS = START_MODELS.flatMap((model): Comparison[] => [
  ...['cold', 'warm'].map((visit) => ({
    name: `start.${visit}.${model}/mediapipe`,
    ours: `start.${visit}.${model}`,
    theirs: `start.${visit}.${model}.mediapipe`,
  })),
  ...['', '.mediapipe'].map((variant) => ({
    name: `start.warm.${model}${variant}/cold`,
    ours: `start.warm.${model}${variant}`,
    theirs: `start.cold.${model}${variant}`,
  })),
]);

/** All ratios that the report has. */
export const COMPARISONS: readonly Comparison[] = [
  ...LANDMARK_MODELS.flatMap((model) =>
    THREADS.map((threads) => ({
      name: `tracked.${model}.${threads}t/mediapipe`,
      ours: `tracked.${model}.${threads}t`,
      theirs: `tracked.${model}.mediapipe`,
    })),
  ),
  ...THREADS.map((threads) => ({
    name: `tracked.full.${threads}t/human`,
    ours: `tracked.full.${threads}t`,
    theirs: 'tracked.full.human',
  })),
  ...QUALITIES.flatMap((quality) =>
    THREADS.map((threads) => ({
      name: `photo.${quality}.${threads}t/mediapipe`,
      ours: `photo.${quality}.${threads}t`,
      theirs: 'photo.mediapipe',
    })),
  ),
  ...Object.keys(BENCH_MODELS).flatMap((model) =>
    THREADS.map((threads) => ({
      name: `inference.${model}.${threads}t/litert`,
      ours: `inference.${model}.${threads}t`,
      theirs: `inference.${model}.${threads}t.litert`,
    })),
  ),
  ...START_COMPARISONS,
];

/** On 2 threads and 1: the built package, and, for the stages, the source with a clock in its worker. */
function body21(
  figure: string,
  task: 'track' | 'photo',
  options: Pick<Body21Options, 'model' | 'quality'>,
  kinds: readonly boolean[] = [false, true],
): Entrant[] {
  return THREADS.flatMap((threads) =>
    kinds.map((observed): Entrant => {
      const opened: Body21Options = { ...options, threads, observed };
      return {
        figure: `${figure}.${threads}t`,
        page: { module: 'body21', options: opened },
        task,
        isObserved: observed,
      };
    }),
  );
}

function mediapipe(figure: string, task: 'track' | 'photo', model: LandmarkModel, detects = false): Entrant {
  const complexities = { lite: 0, full: 1, heavy: 2 } as const;
  const options: MediaPipeOptions = { modelComplexity: complexities[model], detects };
  return { figure, page: { module: 'mediapipe', options }, task, isSilent: detects };
}
