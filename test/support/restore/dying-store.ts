import type { Store } from '../../../src/store/store.ts';

/** A store as a process sees it that is killed: from `dead` on nothing of it reaches the store behind. */
export function dyingStore(store: Store, isDead: () => boolean): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (isDead()) return Promise.reject(new Error('the process is dead'));
        return Reflect.apply(member, target, args);
      };
    },
  });
}
