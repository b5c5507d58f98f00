import type { Analyser } from '../analyser.ts';
import { byId } from '../dom.ts';
import { connectSegments } from '../segments.ts';
import { judge, selectedPhoto, VIEWS } from '../state.ts';
import type { JudgedPerson, Photo, State, Store } from '../state.ts';
import { download } from '../take-away/download.ts';
import { baseName } from '../take-away/names.ts';
import { explain } from '../words/explain.ts';
import { words } from '../words/words.ts';
import type { SolidView } from './solid.ts';
import { GROUNDS } from './grounds.ts';

/** Pixels of a cut-out as the stage shows it. */
const STAGE_SIDE = 2048;

/**
 * Other ways to look at the photo than with skeletons on it: someone in 3D, and people cut out. What these need is
 * asked for, and loaded, when one of them is opened.
 */
export class Views {
  readonly #store: Store;
  readonly #analyser: Analyser;
  readonly #solid = byId('solid', HTMLElement);
  readonly #color = byId('ground-color', HTMLInputElement);
  #solidView: SolidView | undefined;
  /** Which of the cut-outs that are made is the last one asked for. */
  #asked = 0;

  constructor(store: Store, analyser: Analyser) {
    this.#store = store;
    this.#analyser = analyser;
  }

  connect(): void {
    const store = this.#store;
    const showView = connectSegments('view', VIEWS, (view) => store.update({ view }));
    const showGround = connectSegments('ground', GROUNDS, (ground) => store.update({ ground }));
    this.#color.addEventListener('input', () =>
      store.update({ groundColor: this.#color.value, ground: 'colour' }),
    );
    byId('save-cut-out', HTMLButtonElement).addEventListener('click', () => void this.#save());
    store.watch(
      (state) => [state.view, state.ground, state.groundColor],
      (view, ground, color) => {
        showView(view);
        showGround(ground);
        this.#color.value = color;
        byId('cut-out', HTMLElement).hidden = view !== 'cut-out';
      },
    );
    store.watch(
      (state) => [selectedPhoto(state), state.view],
      (photo, view) => {
        if (view !== 'photo' && photo?.status === 'done' && photo.answer?.hasExtras === false) {
          this.#analyser.again(photo.id);
        }
      },
    );
    store.watch(
      (state) => [selectedPhoto(state)?.answer, state.view, state.pinned, state.thresholds],
      () => {
        this.#showSolid().catch((error: unknown) => store.update({ problem: explain(error) }));
      },
    );
    store.watch(
      (state) => [
        selectedPhoto(state)?.answer,
        state.view,
        state.pinned,
        state.thresholds,
        state.ground,
        state.groundColor,
      ],
      () => void this.#showCutOut(),
    );
  }

  async #showSolid(): Promise<void> {
    const { state } = this.#store;
    const [shown] = state.view === '3d' ? chosen(state) : [];
    const points = shown?.person.extras?.world3d;
    this.#solid.hidden = !points;
    if (!shown || !points) return;
    byId('solid-canvas', HTMLCanvasElement).ariaLabel = words.photo.solid(words.person(shown.index + 1));
    byId('solid-who', HTMLElement).textContent = words.person(shown.index + 1);
    if (!this.#solidView) {
      const { SolidView: View } = await import('./solid.ts');
      if (!this.#solidView) {
        this.#solidView = new View();
        this.#solidView.connect();
      }
    }
    this.#solidView.show([{ points }]);
  }

  async #showCutOut(): Promise<void> {
    const asked = ++this.#asked;
    const photo = selectedPhoto(this.#store.state);
    const picture = await this.#cutOut(STAGE_SIDE).catch(() => undefined);
    if (asked !== this.#asked) return;
    const cut = photo && picture && { photo: photo.id, picture };
    if (cut !== this.#store.state.cutOut) this.#store.update({ cutOut: cut });
    byId('save-cut-out', HTMLButtonElement).disabled = !cut;
  }

  async #cutOut(longest: number): Promise<OffscreenCanvas | undefined> {
    const { state } = this.#store;
    const photo = state.view === 'cut-out' ? selectedPhoto(state) : undefined;
    const people = chosen(state).map(({ person }) => person);
    if (!photo || !people.some(({ extras }) => extras?.mask)) return undefined;
    const { cutOutOfPhoto } = await import('./cut-out.ts');
    return cutOutOfPhoto(photo.url, longest, { people, ground: state.ground, color: state.groundColor });
  }

  async #save(): Promise<void> {
    const photo: Photo | undefined = selectedPhoto(this.#store.state);
    if (!photo) return;
    try {
      const picture = await this.#cutOut(Infinity);
      if (!picture) return;
      const name = `${baseName(photo.name)}-cut-out.png`;
      download(await picture.convertToBlob({ type: 'image/png' }), name);
      this.#store.update({ notice: words.photo.saved(name) });
    } catch (error) {
      this.#store.update({ problem: words.photo.notSaved(explain(error)) });
    }
  }
}

/** Whoever is kept highlighted; else everyone who counts as a person. */
function chosen(state: State): JudgedPerson[] {
  const judged = judge(selectedPhoto(state)?.answer?.result, state.thresholds);
  const pinned = judged.filter(({ index }) => index === state.pinned);
  return pinned.length > 0 ? pinned : judged.filter(({ valid }) => valid);
}
