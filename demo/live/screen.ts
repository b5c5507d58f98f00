import { byId } from '../dom.ts';
import { words } from '../words/words.ts';

/**
 * The whole screen for the picture and what belongs to it. Where the browser gives it to videos alone, as
 * on an iPhone, the picture fills the window at least.
 */
export class FullScreen {
  readonly #screen = byId('screen', HTMLElement);
  readonly #button = byId('full', HTMLButtonElement);

  connect(): void {
    this.#button.addEventListener('click', () => void this.#toggle());
    document.addEventListener('fullscreenchange', () => this.#show(document.fullscreenElement !== null));
    this.#screen.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.leave();
    });
  }

  get isOn(): boolean {
    return this.#screen.classList.contains('is-full');
  }

  leave(): void {
    if (document.fullscreenElement) void document.exitFullscreen().catch(() => {});
    this.#show(false);
  }

  async #toggle(): Promise<void> {
    if (this.isOn) {
      this.leave();
      return;
    }
    this.#show(true);
    // Where it is refused, the window is what there is.
    if (document.fullscreenEnabled) await this.#screen.requestFullscreen().catch(() => {});
  }

  #show(isOn: boolean): void {
    this.#screen.classList.toggle('is-full', isOn);
    document.documentElement.classList.toggle('has-full', isOn);
    this.#button.ariaLabel = isOn ? words.live.leaveFullScreen : words.live.fullScreen;
    this.#button.title = this.#button.ariaLabel;
  }
}
