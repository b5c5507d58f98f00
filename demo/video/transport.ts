import { byId } from '../dom.ts';
import { clock } from '../format.ts';
import type { Player } from './player.ts';
import { words } from '../words/words.ts';

/** How far Page up and down go, in milliseconds. */
const LEAP_MS = 1000;

/** Elements that do something of their own with a key. */
const USES_KEYS = 'input, select, textarea, button, a, summary, [tabindex]';

/** Play, step and scrub: with buttons, a slider and keys. */
export class Transport {
  readonly #player: Player;
  readonly #root = byId('transport', HTMLElement);
  readonly #play = byId('play', HTMLButtonElement);
  readonly #back = byId('step-back', HTMLButtonElement);
  readonly #on = byId('step-on', HTMLButtonElement);
  readonly #sound = byId('sound', HTMLButtonElement);
  readonly #slider = byId('position', HTMLInputElement);
  readonly #time = byId('time', HTMLElement);
  readonly #frame = byId('frame-number', HTMLElement);
  readonly #speed = byId('speed', HTMLSelectElement);
  readonly #video: HTMLVideoElement;

  constructor(player: Player, video: HTMLVideoElement) {
    this.#player = player;
    this.#video = video;
  }

  connect(): void {
    const player = this.#player;
    this.#play.addEventListener('click', () => this.#toggle());
    this.#back.addEventListener('click', () => player.step(-1));
    this.#on.addEventListener('click', () => player.step(1));
    this.#sound.addEventListener('click', () => this.#toggleSound());
    this.#video.addEventListener('volumechange', () => this.show());
    this.#slider.addEventListener('input', () => {
      player.pause();
      player.seek(this.#slider.valueAsNumber);
    });
    this.#slider.addEventListener('keydown', (event) => this.#key(event));
    this.#speed.addEventListener('change', () => (this.#video.playbackRate = Number(this.#speed.value)));
    document.addEventListener('keydown', (event) => {
      if (event.target instanceof Element && event.target.closest(USES_KEYS)) {
        // A button has its Space, and nothing to do with arrows.
        const isButton = event.target instanceof HTMLButtonElement && event.key !== ' ';
        if (!isButton) return;
      }
      this.#key(event);
    });
    for (const name of ['play', 'pause', 'ended']) this.#video.addEventListener(name, () => this.show());
    player.addEventListener('shown', () => this.show());
    this.show();
  }

  /** What can be done, and where the video is. */
  show(): void {
    const { clip, shown, duration, isPlaying } = this.#player;
    this.#play.classList.toggle('is-playing', isPlaying);
    this.#sound.hidden = clip?.hasSound === false;
    this.#sound.classList.toggle('is-silent', this.#video.muted);
    this.#sound.ariaLabel = this.#video.muted ? words.video.soundOn : words.video.soundOff;
    this.#sound.title = this.#sound.ariaLabel;
    this.#play.ariaLabel = isPlaying ? words.video.pause : words.video.play;
    const length = Number.isFinite(duration) ? duration : Math.max(shown, 1);
    this.#slider.max = String(length);
    this.#slider.valueAsNumber = shown;
    const index = clip?.indexAt(shown) ?? -1;
    const frame = clip && index >= 0 ? words.video.frameOf(index + 1, clip.times.length) : '';
    this.#time.textContent = `${clock(shown)} / ${Number.isFinite(duration) ? clock(duration).slice(0, -3) : '–'}`;
    this.#frame.textContent = frame;
    this.#slider.ariaValueText = words.video.position(clock(shown), frame);
  }

  set isDisabled(isDisabled: boolean) {
    for (const control of [this.#play, this.#back, this.#on, this.#slider, this.#speed]) {
      control.disabled = isDisabled;
    }
  }

  #toggle(): void {
    // What keeps it from playing is told by the video itself.
    this.#player.toggle().catch(() => {});
  }

  #toggleSound(): void {
    this.#video.muted = !this.#video.muted;
  }

  #key(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (this.#root.hidden || this.#play.disabled) return;
    const action = this.#actionOf(event.key);
    if (!action) return;
    event.preventDefault();
    action();
  }

  #actionOf(key: string): (() => void) | undefined {
    const player = this.#player;
    const leap = (ms: number) => () => {
      player.pause();
      player.seek(player.shown + ms);
    };
    const actions: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => player.step(-1),
      ArrowRight: () => player.step(1),
      ' ': () => this.#toggle(),
      m: () => this.#toggleSound(),
      PageUp: leap(LEAP_MS),
      PageDown: leap(-LEAP_MS),
      Home: leap(-Infinity),
      End: leap(Infinity),
    };
    return actions[key];
  }
}
