import { DEFAULT_VALIDITY, filterValidPersons, isValidPerson, LANDMARK_MODELS } from 'body21';
import type {
  AnalysisProgress,
  BackendChoice,
  BackendInfo,
  BodyAnalysisResult,
  BodyPart,
  LandmarkModel,
  PersonInfo,
  Quality,
} from 'body21';
import type { LineKind } from './explanation-lines.ts';
import type { Ground } from './views/grounds.ts';

/** One photo on the page. A new analysis leaves the last result in place until it has its own. */
export interface Photo {
  readonly id: number;
  readonly name: string;
  readonly blob: Blob;
  /** An object URL of the blob, for as long as the photo is on the page. */
  readonly url: string;
  /** The file's name among the samples, where it is one. */
  readonly sample?: string;
  readonly status: 'waiting' | 'analysing' | 'done' | 'failed' | 'cancelled';
  readonly answer?: Answer;
  /** Why it could not be analysed. */
  readonly error?: string | undefined;
  /** What it was analysed with last, or could not be. */
  readonly tried?: Choice;
}

/** What is analysed with. */
export type Choice = Pick<State, 'model' | 'quality' | 'backend'>;

/** What an analysis brought, and how. */
export interface Answer {
  readonly result: BodyAnalysisResult;
  readonly model: LandmarkModel;
  readonly quality: Quality;
  /** Whether it was asked to say how it came about. */
  readonly isExplained: boolean;
  /** Whether it was asked for what the other views need. */
  readonly hasExtras: boolean;
  readonly backend: BackendInfo;
  readonly milliseconds: number;
}

/** What the page is busy with. */
export type Activity =
  | { readonly kind: 'download'; readonly loaded: number; readonly total: number }
  | { readonly kind: 'start' }
  | {
      readonly kind: 'analyse';
      /** Photos that are done. */
      readonly done: number;
      /** Photos of this run. */
      readonly total: number;
      /** How far the photo under way has come; none before the worker takes it on. */
      readonly progress?: AnalysisProgress;
    };

/** A landmark model, or `auto`: the library's own choice for the quality. */
export const MODEL_CHOICES = ['auto', ...LANDMARK_MODELS] as const;

/** One of {@link MODEL_CHOICES}. */
export type ModelChoice = (typeof MODEL_CHOICES)[number];

/** How the answer can be looked at. */
export const ANSWER_FORMS = ['json', 'code'] as const;

/** One of {@link ANSWER_FORMS}. */
export type AnswerAs = (typeof ANSWER_FORMS)[number];

/** What a snippet can be of. */
export const SNIPPET_KINDS = ['library', 'drop-in', 'svg'] as const;

/** One of {@link SNIPPET_KINDS}. */
export type SnippetKind = (typeof SNIPPET_KINDS)[number];

/** How the photo can be looked at. */
export const VIEWS = ['photo', '3d', 'cut-out'] as const;

/** Everything the page shows. */
export interface State {
  readonly photos: readonly Photo[];
  /** The id of the photo on show. */
  readonly selected: number | undefined;
  readonly model: ModelChoice;
  readonly quality: Quality;
  readonly backend: BackendChoice;
  /** Whether to show how people were found. */
  readonly isExplaining: boolean;
  /** Of the lines that show it, those that are left out. */
  readonly hiddenLines: readonly LineKind[];
  readonly thresholds: typeof DEFAULT_VALIDITY;
  /** Whether the JSON, and what is made of it, has those whom the filter leaves out, too. */
  readonly isEveryone: boolean;
  /** What is below the picture: the answer, or the code that gives it. */
  readonly answerAs: AnswerAs;
  readonly snippet: SnippetKind;
  readonly view: (typeof VIEWS)[number];
  readonly ground: Ground;
  /** As CSS writes it with six digits. */
  readonly groundColor: string;
  /** What is shown in the photo's place, and of which photo it is. */
  readonly cutOut: { readonly photo: number; readonly picture: OffscreenCanvas } | undefined;
  /** The person under the pointer or with the focus, as an index of `person_info`. */
  readonly pointed: number | undefined;
  /** The person who was clicked on, and stays highlighted. */
  readonly pinned: number | undefined;
  /** The body part of that person that is pointed at, on the picture, in the list or in the JSON. */
  readonly part: BodyPart | undefined;
  readonly activity: Activity | undefined;
  /** Who is known of the photo under way before all are; none where the photo has an older answer. */
  readonly early: { readonly photo: number; readonly people: BodyAnalysisResult } | undefined;
  /** What went wrong with the page as a whole; a photo's own error is the photo's. */
  readonly problem: string | undefined;
  /**
   * What just happened, said in place of what the photo on show is
   * like, until another is on show or analysed.
   */
  readonly notice: string;
}

/**
 * Holds the state and tells whoever watches a part of it, once a frame: a change to the page
 * in between, scrolling most of all, can have the main thread wait for the compositor, which
 * is busy while a large photo is decoded.
 */
export class Store {
  #state: State = {
    photos: [],
    selected: undefined,
    model: 'auto',
    quality: 'balanced',
    backend: 'auto',
    isExplaining: false,
    hiddenLines: [],
    thresholds: DEFAULT_VALIDITY,
    isEveryone: false,
    answerAs: 'json',
    snippet: 'library',
    view: 'photo',
    ground: 'transparent',
    groundColor: '#3fb4ff',
    cutOut: undefined,
    pointed: undefined,
    pinned: undefined,
    part: undefined,
    activity: undefined,
    early: undefined,
    problem: undefined,
    notice: '',
  };
  readonly #watchers = new Set<() => void>();
  #isScheduled = false;

  get state(): State {
    return this.#state;
  }

  update(changes: Partial<State>): void {
    this.#state = { ...this.#state, ...changes };
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      for (const watcher of this.#watchers) watcher();
    });
  }

  /** Changes one photo. */
  updatePhoto(id: number, changes: Partial<Omit<Photo, 'id'>>): void {
    this.update({
      photos: this.#state.photos.map((photo) => (photo.id === id ? { ...photo, ...changes } : photo)),
    });
  }

  /** Shows another photo. */
  select(id: number | undefined): void {
    if (id !== this.#state.selected) {
      this.update({
        selected: id,
        pointed: undefined,
        pinned: undefined,
        part: undefined,
        problem: undefined,
        notice: '',
      });
    }
  }

  /** Takes a photo off the page; where it was on show, its neighbour is. */
  remove(id: number): void {
    const at = this.#state.photos.findIndex((photo) => photo.id === id);
    const removed = this.#state.photos[at];
    if (!removed) return;
    const photos = this.#state.photos.filter((photo) => photo !== removed);
    this.update({ photos });
    if (this.#state.selected === id) this.select((photos[at] ?? photos.at(-1))?.id);
    URL.revokeObjectURL(removed.url);
  }

  /** Calls `show` now, and again after whatever makes one of the values that `read` gives another. */
  watch<T extends unknown[]>(
    read: (state: State) => readonly [...T],
    show: (...values: NoInfer<T>) => void,
  ): void {
    let last = read(this.#state);
    this.#watchers.add(() => {
      const values = read(this.#state);
      if (values.every((value, index) => Object.is(value, last[index]))) return;
      last = values;
      show(...values);
    });
    show(...last);
  }
}

/** The photo on show. */
export function selectedPhoto(state: State): Photo | undefined {
  return state.photos.find((photo) => photo.id === state.selected);
}

/** Of the photo on show, who is known before all are. */
export function earlyPeople(state: State): BodyAnalysisResult | undefined {
  const photo = selectedPhoto(state);
  return photo && !photo.answer && state.early?.photo === photo.id ? state.early.people : undefined;
}

/** A person of the photo on show, and what the thresholds make of them. */
export interface JudgedPerson {
  /** In the unfiltered result. */
  index: number;
  person: PersonInfo;
  valid: boolean;
}

/** Everyone in a result, valid or not. */
export function judge(
  result: BodyAnalysisResult | undefined,
  thresholds: State['thresholds'],
): JudgedPerson[] {
  return (result?.person_info ?? []).map((person, index) => ({
    index,
    person,
    valid: isValidPerson(person, thresholds),
  }));
}

/**
 * The people whom the page's switch lets through, as the cloud API has them; how they were found only while that
 * is shown.
 */
export function answerOf(
  result: BodyAnalysisResult,
  { isEveryone, isExplaining, thresholds }: Pick<State, 'isEveryone' | 'isExplaining' | 'thresholds'>,
): BodyAnalysisResult {
  const { debug, person_info, ...rest } = isEveryone ? result : filterValidPersons(result, thresholds);
  const documented = { ...rest, person_info: person_info.map(withoutExtras) };
  return isExplaining && debug ? { ...documented, debug } : documented;
}

function withoutExtras(person: PersonInfo): PersonInfo {
  const { extras: _, ...documented } = person;
  return documented;
}

/** How many people of a photo the thresholds let through; `undefined` before there is an answer. */
export function validCount({ answer }: Photo, thresholds: State['thresholds']): number | undefined {
  return answer && judge(answer.result, thresholds).filter(({ valid }) => valid).length;
}
