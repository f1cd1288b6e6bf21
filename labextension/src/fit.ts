/**
 * The length of a message from which on it is cut off.
 */
const LONGEST = 140;

/**
 * Say something with a text, of which no more is left out than is needed for the
 * message not to be cut off.
 */
export function fit(
  text: string,
  say: (text: string) => string,
  longest = LONGEST
): string {
  const letters = [...text];
  let message = say(text);
  while (message.length > longest && letters.length > 1) {
    letters.pop();
    message = say(`${letters.join('')}…`);
  }
  return message;
}
