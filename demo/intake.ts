import type { Analyser } from './analyser.ts';
import { byId, create } from './dom.ts';
import { listenForDrops } from './drops.ts';
import { HANDED_OVER, handFile, isVideo } from './handover.ts';
import { SAMPLES, sampleUrl } from './samples.ts';
import type { Sample } from './samples.ts';
import type { Store } from './state.ts';

/** The ways in: dropping, pasting, choosing, and the samples. Opens with the first sample. */
export class Intake {
  readonly #store: Store;
  readonly #analyser: Analyser;
  readonly #sampleIds = new Map<Sample, number>();
  #lastId = 0;

  constructor(store: Store, analyser: Analyser) {
    this.#store = store;
    this.#analyser = analyser;
  }

  connect(): void {
    listenForDrops((files) => {
      if (files.length > 0) void this.#take(files);
      else {
        this.#store.update({
          problem: 'There was no file in what you dropped. Save the picture first, then drop the file.',
        });
      }
    });
    this.#listenForPaste();
    const input = byId('files', HTMLInputElement);
    input.addEventListener('change', () => {
      void this.#take([...(input.files ?? [])]);
      // Else choosing the same file again would change nothing.
      input.value = '';
    });
    byId('samples', HTMLUListElement).append(...SAMPLES.map((sample) => this.#sampleItem(sample)));
  }

  /** Shows a sample; resolves when it is analysed. */
  async openSample(sample: Sample): Promise<void> {
    const known = this.#onPage(sample);
    if (known !== undefined) {
      this.#store.select(known);
      return;
    }
    let blob: Blob;
    try {
      const response = await fetch(sampleUrl(sample));
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      blob = await response.blob();
    } catch (error) {
      this.#store.update({
        problem: `The sample ${sample.file} could not be loaded (${String(error)}). Your own photos work all the same.`,
      });
      return;
    }
    if (this.#onPage(sample) === undefined) {
      this.#sampleIds.set(sample, this.#lastId + 1);
      await this.#add([new File([blob], sample.file, { type: blob.type })]);
    }
  }

  /** The id of the sample's photo, unless it was never opened or is removed. */
  #onPage(sample: Sample): number | undefined {
    const id = this.#sampleIds.get(sample);
    return this.#store.state.photos.some((photo) => photo.id === id) ? id : undefined;
  }

  /** Photos are analysed here; a video is what another page is for. */
  async #take(files: readonly File[]): Promise<void> {
    const photos = files.filter((file) => !isVideo(file));
    const video = files.find(isVideo);
    if (video && photos.length === 0) await this.#goToVideo(video);
    else await this.#add(photos);
    if (video && photos.length > 0) {
      this.#store.update({ problem: `${video.name} is a video: drop it by itself to open it.` });
    }
  }

  async #goToVideo(video: File): Promise<void> {
    try {
      await handFile(video);
      location.href = `./video.html?from=${HANDED_OVER}`;
    } catch {
      this.#store.update({
        problem: `${video.name} is a video, and this browser would not hand it on. Open “Video” above, and choose it there.`,
      });
    }
  }

  #add(files: readonly File[]): Promise<void> {
    const added = files.map((file) => ({
      id: ++this.#lastId,
      name: file.name || 'Pasted picture',
      blob: file,
      url: URL.createObjectURL(file),
      status: 'waiting' as const,
    }));
    const [first] = added;
    if (!first) return Promise.resolve();
    this.#store.update({ photos: [...this.#store.state.photos, ...added], problem: undefined });
    this.#store.select(first.id);
    return this.#analyser.start();
  }

  #sampleItem(sample: Sample): HTMLLIElement {
    const picture = create('img', { src: sampleUrl(sample), alt: '', decoding: 'async' });
    const button = create('button', { type: 'button', className: 'thumb', title: sample.title }, picture);
    button.ariaLabel = `Sample: ${sample.title}`;
    button.addEventListener('click', () => void this.openSample(sample));
    return create('li', {}, button);
  }

  #listenForPaste(): void {
    document.addEventListener('paste', (event) => {
      const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/'));
      if (files.length === 0) return;
      event.preventDefault();
      void this.#add(files);
    });
  }
}
