import { replaceMethod } from '../src/saving/replace';

class Greeter {
  greet(): string {
    return 'original';
  }
}

describe('replaceMethod', () => {
  it('gives an inherited method back to the class', () => {
    const greeter = new Greeter();
    const replaced = replaceMethod(greeter, 'greet', () => 'replaced');
    expect(greeter.greet()).toBe('replaced');
    expect(new Greeter().greet()).toBe('original');
    replaced.dispose();
    expect(greeter.greet()).toBe('original');
    expect(Object.keys(greeter)).toEqual([]);
  });

  it('gives a method of the object itself back', () => {
    const own = { greet: () => 'own' };
    const replaced = replaceMethod(own, 'greet', () => 'replaced');
    replaced.dispose();
    expect(own.greet()).toBe('own');
  });

  it('leaves the method to whoever replaced it later', () => {
    const greeter = new Greeter();
    const replaced = replaceMethod(greeter, 'greet', () => 'replaced');
    greeter.greet = () => 'later';
    replaced.dispose();
    expect(greeter.greet()).toBe('later');
  });
});
