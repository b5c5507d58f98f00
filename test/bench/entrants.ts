/** Who is compared with whom, at what. */
import type { BareOptions } from './pages/bare.ts';
import type { Body21Options } from './pages/body21.ts';
import type { LiteRtOptions, MediaPipeOptions } from './pages/contender.ts';
import { BENCH_MODELS } from './pages/model-inputs.ts';
import type { BenchModel } from './pages/model-inputs.ts';
import { LANDMARK_MODELS } from '../../src/schema/loading.ts';
import type { LandmarkModel } from '../../src/schema/loading.ts';
import type { Comparison } from './figures.ts';

/** A page with a contender in it: the module of `pages/`, and what its `open` is given. */
export interface EntrantPage {
  module: 'body21' | 'mediapipe' | 'human' | 'bare' | 'litert';
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

/** The library itself, the built package; with a clock in its worker; and with ONNX Runtime for its engine. */
type Variant = 'built' | 'observed' | 'onnxruntime';

/** In the order of running; the names of the comparisons say against whom. */
export const HEATS: readonly Heat[] = [
  ...LANDMARK_MODELS.map((model): Heat => {
    const name = `tracked.${model}`;
    const wish = { model, quality: 'fast' } as const;
    return {
      name,
      entrants: [
        ...body21(name, 'track', wish),
        mediapipe(`${name}.mediapipe`, 'track', model),
        ...(model === 'full'
          ? [
              ...body21(name, 'track', wish, ['onnxruntime']),
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
    name: 'photo.fast',
    entrants: [
      ...body21('photo.fast', 'photo', { model: 'full', quality: 'fast' }),
      mediapipe('photo.mediapipe', 'photo', 'full', true),
    ],
  },
  {
    name: 'photo.balanced',
    entrants: body21('photo.balanced', 'photo', { model: 'lite', quality: 'balanced' }, [
      'built',
      'onnxruntime',
    ]),
  },
  ...Object.entries(BENCH_MODELS).map(([model, { tflite }]): Heat => ({
    name: `inference.${model}`,
    entrants: THREADS.flatMap((threads) => bare(model, threads, tflite)),
  })),
];

/** Someone whose memory is measured while it follows a person. */
export interface MemoryEntrant {
  figure: string;
  options: Body21Options;
}

/** From the source, all of them: only there can ONNX Runtime take the engine's place. */
export const MEMORY: { name: string; entrants: readonly MemoryEntrant[] } = {
  name: 'memory.full',
  entrants: (['engine', 'onnxruntime'] as const).map((runtime) => {
    const options: Body21Options = { model: 'full', quality: 'fast', threads: 2, observed: true, runtime };
    return { figure: runtime === 'engine' ? 'memory.full' : 'memory.full.ort', options };
  }),
};

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

/** Of {@link MEMORY}, all of it. */
export const MEMORY_COMPARISONS: readonly Comparison[] = [
  { name: 'memory.full/ort', ours: 'memory.full', theirs: 'memory.full.ort' },
];

/** All ratios of times that the report has. */
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
  ...THREADS.flatMap((threads) => [
    {
      name: `tracked.full.${threads}t/ort`,
      ours: `tracked.full.${threads}t`,
      theirs: `tracked.full.${threads}t.ort`,
    },
    {
      name: `photo.fast.${threads}t/mediapipe`,
      ours: `photo.fast.${threads}t`,
      theirs: 'photo.mediapipe',
    },
    {
      name: `photo.balanced.${threads}t/ort`,
      ours: `photo.balanced.${threads}t`,
      theirs: `photo.balanced.${threads}t.ort`,
    },
  ]),
  ...Object.entries(BENCH_MODELS).flatMap(([model, { tflite }]) =>
    THREADS.flatMap((threads) =>
      (tflite ? ['litert', 'ort'] : ['ort']).map((other) => ({
        name: `inference.${model}.${threads}t/${other}`,
        ours: `inference.${model}.${threads}t`,
        theirs: `inference.${model}.${threads}t.${other}`,
      })),
    ),
  ),
  ...START_COMPARISONS,
];

/** On 2 threads and 1. */
function body21(
  figure: string,
  task: 'track' | 'photo',
  options: Pick<Body21Options, 'model' | 'quality'>,
  variants: readonly Variant[] = ['built', 'observed'],
): Entrant[] {
  return THREADS.flatMap((threads) =>
    variants.map((variant): Entrant => {
      const opened: Body21Options = {
        ...options,
        threads,
        observed: variant === 'observed',
        runtime: variant === 'onnxruntime' ? 'onnxruntime' : 'engine',
      };
      return {
        figure: `${figure}.${threads}t${variant === 'onnxruntime' ? '.ort' : ''}`,
        page: { module: 'body21', options: opened },
        task,
        isObserved: variant === 'observed',
      };
    }),
  );
}

/** A network by itself: in the engine, in ONNX Runtime, and its TFLite file in LiteRT.js. */
function bare(model: string, threads: number, tflite: BenchModel['tflite']): Entrant[] {
  const figure = `inference.${model}.${threads}t`;
  const run = (runtime: BareOptions['runtime']) =>
    ({ module: 'bare', options: { runtime, model, threads } satisfies BareOptions }) as const;
  const litert: LiteRtOptions = { model, threads };
  return [
    { figure, page: run('engine'), task: 'run' },
    { figure: `${figure}.ort`, page: run('ort'), task: 'run' },
    ...(tflite
      ? [{ figure: `${figure}.litert`, page: { module: 'litert', options: litert } as const, task: 'run' }]
      : []),
  ];
}

function mediapipe(figure: string, task: 'track' | 'photo', model: LandmarkModel, detects = false): Entrant {
  const complexities = { lite: 0, full: 1, heavy: 2 } as const;
  const options: MediaPipeOptions = { modelComplexity: complexities[model], detects };
  return { figure, page: { module: 'mediapipe', options }, task, isSilent: detects };
}
