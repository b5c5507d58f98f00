import { BACKENDS, DEFAULT_VALIDITY, QUALITIES } from 'body21';
import { settingIn } from './address.ts';
import { ANSWER_FORMS, MODEL_CHOICES, SNIPPET_KINDS, VIEWS } from './state.ts';
import type { State } from './state.ts';

/** What of the page's state its address tells. */
export type Addressed = Pick<
  State,
  | 'model'
  | 'quality'
  | 'backend'
  | 'thresholds'
  | 'isExplaining'
  | 'isEveryone'
  | 'answerAs'
  | 'snippet'
  | 'view'
>;

/** What stands for what in the address; what is as it is by default does not stand there. */
const NAMES = [
  'model',
  'quality',
  'backend',
  'box',
  'keypoint',
  'explain',
  'who',
  'answer',
  'code',
  'view',
  'photo',
] as const;

/** Whether an address says anything about this page: else it is as it was left. */
export function isAddressed(search: string): boolean {
  const asked = new URLSearchParams(search);
  return NAMES.some((name) => asked.has(name));
}

/** The settings that an address asks for; what it does not name, or wrongly, is as it is by default. */
export function readAddress(search: string): Addressed {
  const asked = new URLSearchParams(search);
  return {
    model: settingIn(search, 'model', MODEL_CHOICES) ?? 'auto',
    quality: settingIn(search, 'quality', QUALITIES) ?? 'balanced',
    backend: settingIn(search, 'backend', BACKENDS) ?? 'auto',
    thresholds: {
      ...DEFAULT_VALIDITY,
      boxScore: share(asked.get('box')) ?? DEFAULT_VALIDITY.boxScore,
      keypointScore: share(asked.get('keypoint')) ?? DEFAULT_VALIDITY.keypointScore,
    },
    isExplaining: asked.get('explain') === '1',
    isEveryone: asked.get('who') === 'everyone',
    answerAs: settingIn(search, 'answer', ANSWER_FORMS) ?? 'json',
    snippet: settingIn(search, 'code', SNIPPET_KINDS) ?? 'library',
    view: settingIn(search, 'view', VIEWS) ?? 'photo',
  };
}

/** The file's name of the sample that an address asks for. */
export function sampleIn(search: string): string | undefined {
  return new URLSearchParams(search).get('photo') ?? undefined;
}

/**
 * The address with these settings; what is not this page's own in it stays.
 * @param search the address now, from its question mark on
 * @param sample the sample on show
 */
export function writeAddress(search: string, settings: Addressed, sample: string | undefined): string {
  const { thresholds } = settings;
  const values: Readonly<Record<(typeof NAMES)[number], string | number | undefined>> = {
    model: unless(settings.model, 'auto'),
    quality: unless(settings.quality, 'balanced'),
    backend: unless(settings.backend, 'auto'),
    box: unless(thresholds.boxScore, DEFAULT_VALIDITY.boxScore),
    keypoint: unless(thresholds.keypointScore, DEFAULT_VALIDITY.keypointScore),
    explain: settings.isExplaining ? 1 : undefined,
    who: settings.isEveryone ? 'everyone' : undefined,
    answer: unless(settings.answerAs, 'json'),
    code: unless(settings.snippet, 'library'),
    view: unless(settings.view, 'photo'),
    photo: sample,
  };
  const written = new URLSearchParams(search);
  for (const name of NAMES) {
    const value = values[name];
    if (value === undefined) written.delete(name);
    else written.set(name, String(value));
  }
  const text = written.toString();
  return text && `?${text}`;
}

function unless<T extends string | number>(value: T, usual: T): T | undefined {
  return value === usual ? undefined : value;
}

/** A number from 0 to 1. */
function share(text: string | null): number | undefined {
  const value = text ? Number(text) : NaN;
  return value >= 0 && value <= 1 ? value : undefined;
}
