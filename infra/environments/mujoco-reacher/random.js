// SPDX-License-Identifier: Apache-2.0

/**
 * Uniform numbers in [0, 1) that depend on a seed alone: sfc32 of the PractRand suite.
 *
 * @param {{low: number, high: number}} seed 64 bits as two integers
 * @returns {() => number}
 */
export function uniform(seed) {
  let a = seed.low | 0;
  let b = seed.high | 0;
  let c = 0x6a09e667;
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 15; i++) {
    next(); // until every bit of the seed has reached every bit of the state
  }
  return next;
}
