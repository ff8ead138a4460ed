export const shells = {} as const;
