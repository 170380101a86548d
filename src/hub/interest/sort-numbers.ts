// Sorts the first numbers of an array in place. The engine's own sort needs a view of them, which is garbage for each
// search, and takes five times as long for a hundred numbers.

// Shell sort with the gaps of Marcin Ciura (2001), and a few above them.
const GAPS = [8858, 3937, 1750, 701, 301, 132, 57, 23, 10, 4, 1];

/** Sorts `numbers[0 … count - 1]` in ascending order. */
export function sortNumbers(numbers: Float64Array, count: number): void {
  for (let which = 0; which < GAPS.length; which++) {
    const gap = GAPS[which];
    for (let from = gap; from < count; from++) {
      const number = numbers[from];
      let at = from;
      for (; at >= gap && numbers[at - gap] > number; at -= gap) numbers[at] = numbers[at - gap];
      numbers[at] = number;
    }
  }
}
