import { byId } from '../dom.ts';
import { lookOf } from '../look.ts';
import { answerOf, judge, selectedPhoto } from '../state.ts';
import type { Photo, State, Store } from '../state.ts';
import { explain } from '../words/explain.ts';
import { words } from '../words/words.ts';
import { download } from './download.ts';
import { baseName } from './names.ts';
import type { Drawn } from './pictures.ts';
import { cocoOf, csvOf, jsonOf } from './tables.ts';
import type { Exported } from './tables.ts';

/** A photo that has its answer. */
type Answered = Photo & Required<Pick<Photo, 'answer'>>;

/** What a button of the menu does, by its `data-take`. */
type Way = 'png' | 'svg' | 'copy' | 'share' | 'json' | 'zip' | 'csv' | 'coco';

/** The menu of files in which photos and answers can be had. */
export class TakeAwayMenu {
  readonly #store: Store;
  readonly #menu = byId('take-away', HTMLDialogElement);
  readonly #opener = byId('save', HTMLButtonElement);
  readonly #buttons = [...this.#menu.querySelectorAll<HTMLButtonElement>('button[data-take]')];

  constructor(store: Store) {
    this.#store = store;
  }

  connect(): void {
    this.#store.watch(
      (state) => [selectedPhoto(state)?.answer],
      (answer) => {
        this.#opener.disabled = !answer;
      },
    );
    for (const [way, can] of [
      ['copy', canCopy()],
      ['share', canShare()],
    ] as const) {
      for (const button of this.#buttons) if (button.dataset['take'] === way) button.hidden = !can;
    }
    this.#opener.addEventListener('click', () => this.#open());
    // A click beside the menu is one on its backdrop.
    this.#menu.addEventListener('click', ({ target, clientX, clientY }) => {
      if (target !== this.#menu) return;
      const { left, right, top, bottom } = this.#menu.getBoundingClientRect();
      const isWithin = clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
      if (!isWithin) this.#menu.close();
    });
    this.#menu.addEventListener('keydown', (event) => this.#key(event));
    for (const button of this.#buttons) {
      button.addEventListener('click', () => {
        this.#menu.close();
        void this.#take(button.dataset['take']);
      });
    }
  }

  /** Beside its button, where the window has room for that; the style sheet says where it has not. */
  #open(): void {
    this.#menu.showModal();
    const { left, right, top, bottom } = this.#opener.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.#menu;
    const x = Math.min(Math.max(8, right - offsetWidth), innerWidth - offsetWidth - 8, Math.max(8, left));
    const isBelow = bottom + 8 + offsetHeight <= innerHeight;
    const y = isBelow ? bottom + 8 : Math.max(8, top - 8 - offsetHeight);
    this.#menu.style.setProperty('--x', `${x}px`);
    this.#menu.style.setProperty('--y', `${y}px`);
  }

  #key(event: KeyboardEvent): void {
    const shown = this.#buttons.filter((button) => button.checkVisibility());
    const at = shown.findIndex((button) => button === document.activeElement);
    const targets: Record<string, number> = {
      ArrowDown: (at + 1) % shown.length,
      ArrowUp: (Math.max(at, 0) - 1 + shown.length) % shown.length,
      Home: 0,
      End: shown.length - 1,
    };
    const target = targets[event.key];
    // Keys of the picture below are not meant.
    event.stopPropagation();
    if (target === undefined) return;
    event.preventDefault();
    shown[target]?.focus();
  }

  async #take(name: string | undefined): Promise<void> {
    const { state } = this.#store;
    const photo = selectedPhoto(state);
    const way = (['png', 'svg', 'copy', 'share', 'json', 'zip', 'csv', 'coco'] as const).find(
      (each) => each === name,
    );
    if (!photo || !isAnswered(photo) || !way) return;
    // What went wrong before is over.
    this.#store.update({ problem: undefined });
    try {
      await this.#ways[way](photo, state);
    } catch (error) {
      // Who closes the sheet of sharing has changed their mind.
      if (error instanceof DOMException && error.name === 'AbortError') return;
      const say = way === 'share' ? words.photo.notShared : words.photo.notSaved;
      this.#store.update({ problem: say(explain(error)) });
    }
  }

  readonly #ways: Readonly<Record<Way, (photo: Answered, state: State) => Promise<void> | void>> = {
    png: async (photo, state) => {
      const { pictureOf } = await import('./pictures.ts');
      this.#save(await pictureOf(drawn(photo, state), 'image/png'), `${baseName(photo.name)}-body21.png`);
    },
    svg: async (photo, state) => {
      const { svgOf } = await import('./pictures.ts');
      this.#save(await svgOf(drawn(photo, state)), `${baseName(photo.name)}-body21.svg`);
    },
    copy: async (photo, state) => {
      const picture = import('./pictures.ts').then(({ pictureOf }) =>
        pictureOf(drawn(photo, state), 'image/png'),
      );
      // Handed over at once: some browsers allow it for as long as the click lasts, and no longer.
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })]);
      this.#store.update({ notice: words.photo.pictureCopied });
    },
    share: async (photo, state) => {
      const { pictureOf } = await import('./pictures.ts');
      const picture = await pictureOf(drawn(photo, state), 'image/jpeg');
      const file = new File([picture], `${baseName(photo.name)}-body21.jpg`, { type: picture.type });
      await navigator.share({ files: [file] });
    },
    json: (photo, state) => this.#save(jsonOf(exported(photo, state)), `${baseName(photo.name)}.json`),
    csv: (_, state) => this.#save(csvOf(all(state)), 'body21.csv'),
    coco: (_, state) => this.#save(cocoOf(all(state)), 'body21.coco.json'),
    zip: async (_, state) => {
      const photos = state.photos.filter(isAnswered);
      const say = (done: number) =>
        this.#store.update({ notice: words.photo.making(Math.min(done + 1, photos.length), photos.length) });
      say(0);
      const { zipOf } = await import('./zip.ts');
      const packed = photos.map((photo) => ({
        drawn: drawn(photo, state),
        exported: exported(photo, state),
      }));
      this.#save(await zipOf(packed, say), 'body21.zip');
    },
  };

  #save(blob: Blob, name: string): void {
    download(blob, name);
    this.#store.update({ notice: words.photo.saved(name) });
  }
}

function isAnswered(photo: Photo): photo is Answered {
  return photo.answer !== undefined;
}

/** As on the stage, but for what is pointed at. */
function drawn({ name, url, blob, answer }: Answered, { thresholds }: State): Drawn {
  const judged = judge(answer.result, thresholds);
  const shown = judged.filter(({ valid }) => valid);
  return {
    name,
    url,
    type: blob.type,
    people: { ...answer.result, person_info: shown.map(({ person }) => person) },
    look: lookOf(shown, judged, thresholds),
  };
}

function exported({ name, answer }: Answered, state: State): Exported {
  return { name, result: answerOf(answer.result, state) };
}

function all(state: State): Exported[] {
  return state.photos.filter(isAnswered).map((photo) => exported(photo, state));
}

function canCopy(): boolean {
  return typeof ClipboardItem === 'function' && typeof navigator.clipboard?.write === 'function';
}

function canShare(): boolean {
  const file = new File([], 'photo.jpg', { type: 'image/jpeg' });
  return typeof navigator.canShare === 'function' && navigator.canShare({ files: [file] });
}
