import 'reflect-metadata';

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Decorators that replace a method by a function of their own, each in the way of a real package. */
export const WRAPPING_DECORATORS: Record<string, () => MethodDecorator> = {
  'nestjs-otel: the keys one by one, and the name': () => (_target, _key, descriptor) => {
    const method = descriptor.value as Method;
    const wrapper = function (this: unknown, ...args: unknown[]) {
      return method.apply(this, args);
    };
    copyMetadata(method, wrapper);
    Object.defineProperty(wrapper, 'name', { value: method.name, configurable: true });
    (descriptor as PropertyDescriptor).value = wrapper;
  },
  '@nestjs-cls/transactional: a method of an object literal': () => (_target, key, descriptor) => {
    const method = descriptor.value as Method;
    const wrapper = {
      [key](this: unknown, ...args: unknown[]) {
        return method.call(this, ...args);
      },
    }[key as string]!;
    copyMetadata(method, wrapper);
    return { ...descriptor, value: wrapper } as never;
  },
  'typeorm-transactional: metadata first, then the descriptor': () => (_target, key, descriptor) => {
    const method = descriptor.value as Method;
    const wrapper = async function (this: unknown, ...args: unknown[]) {
      return method.apply(this, args);
    };
    Reflect.getMetadataKeys(method)
      .toReversed()
      .forEach((name) => Reflect.defineMetadata(name, Reflect.getMetadata(name, method), wrapper));
    Object.defineProperty(wrapper, 'name', { value: key });
    (descriptor as PropertyDescriptor).value = wrapper;
  },
};

function copyMetadata(from: object, to: object): void {
  for (const key of Reflect.getMetadataKeys(from) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, from), to);
  }
}
