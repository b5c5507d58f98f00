import type { Analyser } from './analyser.ts';
import { byId, create } from './dom.ts';
import { listenForDrops } from './drops.ts';
import { HANDED_OVER, handFile, isVideo } from './handover.ts';
import { SAMPLES, sampleUrl, thumbnailUrl } from './samples.ts';
import type { Sample } from './samples.ts';
import type { Store } from './state.ts';
import { words } from './words/words.ts';

/** The ways in: dropping, pasting, choosing, and the samples. Opens with the first sample. */
export class Intake {
  readonly #store: Store;
  readonly #analyser: Analyser;

  constructor(store: Store, analyser: Analyser) {
    this.#store = store;
    this.#analyser = analyser;
  }

  connect(): void {
    listenForDrops((files) => {
      if (files.length > 0) void this.#take(files);
      else {
        this.#store.update({ problem: words.photo.nothingDropped });
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
        problem: words.photo.sampleFailed(sample.file, String(error)),
      });
      return;
    }
    if (this.#onPage(sample) === undefined) {
      await this.#add([new File([blob], sample.file, { type: blob.type })], sample);
    }
  }

  /** The id of the sample's photo, unless it was never opened or is removed. */
  #onPage(sample: Sample): number | undefined {
    return this.#store.state.photos.find((photo) => photo.sample === sample.file)?.id;
  }

  /** Photos are analysed here; a video is what another page is for. */
  async #take(files: readonly File[]): Promise<void> {
    const photos = files.filter((file) => !isVideo(file));
    const video = files.find(isVideo);
    if (video && photos.length === 0) await this.#goToVideo(video);
    else await this.#add(photos);
    if (video && photos.length > 0) {
      this.#store.update({ problem: words.photo.videoAmongPhotos(video.name) });
    }
  }

  async #goToVideo(video: File): Promise<void> {
    try {
      await handFile(video);
      location.href = `./video.html?from=${HANDED_OVER}`;
    } catch {
      this.#store.update({ problem: words.photo.videoNotHanded(video.name) });
    }
  }

  #add(files: readonly File[], sample?: Sample): Promise<void> {
    const { photos } = this.#store.state;
    // Rising, and also in a tab that was duplicated not what photos were given there.
    const firstId = Math.max(Date.now(), (photos.at(-1)?.id ?? 0) + 1);
    const added = files.map((file, at) => ({
      id: firstId + at,
      name: file.name || words.photo.pasted,
      blob: file,
      url: URL.createObjectURL(file),
      status: 'waiting' as const,
      ...(sample && { sample: sample.file }),
    }));
    const [first] = added;
    if (!first) return Promise.resolve();
    this.#store.update({ photos: [...photos, ...added], problem: undefined });
    this.#store.select(first.id);
    return this.#analyser.start();
  }

  #sampleItem(sample: Sample): HTMLLIElement {
    // After what the photo on show needs.
    const picture = create('img', {
      fetchPriority: 'low',
      alt: '',
      decoding: 'async',
      src: thumbnailUrl(sample),
    });
    const title = words.photo.samples[sample.file];
    const button = create('button', { type: 'button', className: 'thumb', title }, picture);
    button.ariaLabel = words.photo.sample(title);
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
