import { withBase } from 'vitepress';
import { defineComponent, h, nextTick, ref } from 'vue';

/**
 * The photo page of the demo inside of a page: a picture of it, which is what the slot has, until somebody asks
 * for it. Nothing of the demo is loaded before that.
 */
export const PhotoStage = defineComponent({
  props: {
    /** The demo's page, from the site's root. */
    page: { type: String, default: '/demo/index.html' },
    /** What the button says. */
    start: { type: String, required: true },
    /** What the frame is called. */
    name: { type: String, required: true },
  },
  setup(props, { slots }) {
    const isOpen = ref(false);
    const frame = ref<HTMLIFrameElement>();
    const open = async () => {
      isOpen.value = true;
      await nextTick();
      // Whoever has pressed the button by a key goes on in what has come in its place.
      frame.value?.focus();
    };
    return () =>
      h('div', { class: 'photo-stage' }, [
        isOpen.value
          ? h('iframe', { ref: frame, src: withBase(props.page), title: props.name })
          : [slots['default']?.(), h('button', { type: 'button', onClick: open }, props.start)],
      ]);
  },
});
