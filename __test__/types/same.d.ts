// What the type tests share.

/** Whether both types are the same. */
export type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Fails to compile unless both types are the same. */
export declare function same<A, B>(answer: Same<A, B>): void;
