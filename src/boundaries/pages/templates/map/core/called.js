// What things are called: their names, else their codes.

export const practiceNameIn = (data, p) => data.practices.name[p] || data.practices.code[p];
export const pcnNameIn = (data, c) => (c < 0 ? "no PCN" : data.pcns.name[c] || data.pcns.code[c]);
export const lsoaNameIn = (data, a) => data.lsoas.name[a] || data.lsoas.code[a];
