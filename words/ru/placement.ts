import type { placement as english } from '../en/placement.ts';

export const placement = {
  'placement.reason.best':
    'Лучший: в самый занятый час свободно {freePercent, number} % {resource, select, memory {памяти} cpu {процессора} other {диска}}{package, select, there {, и пакет там уже есть} other {}}{unmeasuredCount, plural, =0 {} one {; # новый экземпляр учтён по полному тарифу} few {; # новых экземпляра учтены по полному тарифу} many {; # новых экземпляров учтены по полному тарифу} other {; # нового экземпляра учтено по полному тарифу}}.',
  'placement.reason.only':
    'Только здесь есть место: в самый занятый час свободно {freePercent, number} % {resource, select, memory {памяти} cpu {процессора} other {диска}}{package, select, there {, и пакет там уже есть} other {}}{unmeasuredCount, plural, =0 {} one {; # новый экземпляр учтён по полному тарифу} few {; # новых экземпляра учтены по полному тарифу} many {; # новых экземпляров учтены по полному тарифу} other {; # нового экземпляра учтено по полному тарифу}}.',
  'placement.reason.good':
    'Тоже хорошо: в самый занятый час свободно {freePercent, number} % {resource, select, memory {памяти} cpu {процессора} other {диска}}{package, select, there {, и пакет там уже есть} other {}}{unmeasuredCount, plural, =0 {} one {; # новый экземпляр учтён по полному тарифу} few {; # новых экземпляра учтены по полному тарифу} many {; # новых экземпляров учтены по полному тарифу} other {; # нового экземпляра учтено по полному тарифу}}.',
  'placement.reason.tight':
    'Поместится, но в самый занятый час останется лишь {freeAfterPercent, number} % {resource, select, memory {памяти} cpu {процессора} other {диска}}.',
  'placement.reason.best-unmeasured':
    'Лучший: никому не обещано {freePercent, number} % {resource, select, memory {памяти} cpu {процессора} other {диска}}{package, select, there {, и пакет там уже есть} other {}}. Его нагрузка ещё не измерена.',
  'placement.reason.only-unmeasured':
    'Только здесь есть место: никому не обещано {freePercent, number} % {resource, select, memory {памяти} cpu {процессора} other {диска}}{package, select, there {, и пакет там уже есть} other {}}. Его нагрузка ещё не измерена.',
  'placement.reason.good-unmeasured':
    'Тоже хорошо: никому не обещано {freePercent, number} % {resource, select, memory {памяти} cpu {процессора} other {диска}}{package, select, there {, и пакет там уже есть} other {}}. Его нагрузка ещё не измерена.',
  'placement.reason.draining': 'Нет: его освобождают для обслуживания.',
  'placement.reason.leaving': 'Нет: его удаляют из фермы.',
  'placement.reason.joining': 'Нет: он ещё присоединяется к ферме.',
  'placement.reason.maintenance': 'Нет: он остановлен для обслуживания.',
  'placement.reason.never-seen': 'Нет: его агент ни разу не отозвался.',
  'placement.reason.not-seen':
    'Нет: его агент в последний раз отзывался {minutesAgo, plural, =0 {{secondsAgo, number} с} other {{minutesAgo, number} мин}} назад.',
  'placement.reason.edge':
    'Нет: посетители не попадают на входной узел сервера {server}: {problem, select, portTaken {порт {port} занят другой программой} notListening {система не даёт ему порт {port}} failed {он не запускается} silent {он не отвечает} other {по адресу {address} отсюда никто не отвечает}}.',
  'placement.reason.platform': 'Нет: этот пакет не для его системы.',
  'placement.reason.memory':
    'Нет: {neededMegabytes, number} МБ памяти не поместятся, сверх обещанного осталось {leftMegabytes, number} МБ.',
  'placement.reason.disk': 'Нет: {neededGigabytes, number} ГБ на диск не поместятся, сверх обещанного осталось {leftGigabytes, number} ГБ.',
  'placement.reason.cpu':
    'Нет: процессор слишком занят. Тарифу нужно {neededPercent, number} % ядра, в самый занятый час остаётся {leftPercent, number} %.',
} satisfies Record<keyof typeof english, string>;
