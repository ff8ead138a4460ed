import type { shells as english } from '../en/shells.ts';

export const shells = {
  'shells.http.usage': 'npm start -- [--demo] [--home ПАПКА] [--port ЧИСЛО] [--no-open] [--language en|ru]',
  'shells.http.port': '--port – число от 1 до 65535.',
  'shells.http.language': '--language – en или ru.',
  'shells.http.option': 'Параметра {option} здесь нет.',
  'shells.http.listens':
    'Farmstead работает по адресу {origin}. Данные – в папке {home}. Завершить – Ctrl-C; серверы и экземпляры продолжат работу.',
  'shells.http.attached': 'Эта ферма здесь уже открыта, по адресу {origin}. Используем её.',
  'shells.http.starting': 'Эту ферму открывает процесс {processId}, он пока не отвечает. Подождите немного и попробуйте снова.',
  'shells.http.ending': 'Farmstead завершается. Серверы и экземпляры продолжают работу.',
  'shells.http.noWindow': 'Окно ещё не собрано. Запустите: npm run build',
  'shells.http.otherProgram': 'другой программой',
  'shells.menu.edit': 'Правка',
  'shells.menu.view': 'Вид',
  'shells.menu.window': 'Окно',
  'shells.open.button': 'Открыть Farmstead',
  'shells.open.browser': 'Открываем в вашем браузере.',
  'shells.open.byHand': 'Откройте этот файл в браузере на этом компьютере в течение минуты: {url}',
  'shells.open.again': 'Позже открыть снова: npm run -s farm -- open',
  'shells.demo.none': 'Демо-фермы нет.',
  'shells.demo.authorities': 'Демо-ферма: создаём ключи',
  'shells.demo.agents': 'Демо-ферма: запускаем три агента на этом компьютере',
  'shells.demo.certificate': 'Демо-ферма: создаём домен и пробный сертификат',
  'shells.demo.pairing': 'Демо-ферма: серверы присоединяются',
  'shells.demo.packages': 'Демо-ферма: читаем пакеты приложений',
  'shells.demo.ready': 'Демо-ферма: готово',
  'shells.demo.removing': 'Демо-ферма: удаляется',
  'shells.demo.failed': 'Демо-ферма: остановилась на полпути. Запустите её снова или удалите.',
  'shells.demo.begun': 'Демо-ферма создаётся там. Шаги видны в её окне.',
  'shells.demo.underWay': 'Демо-ферма там уже создаётся. Шаги видны в её окне.',
  'shells.demo.there': 'Демо-ферма здесь уже есть: {farm}.',
  'shells.demo.otherFarm':
    'Демо-ферма не создана: в этой папке уже есть ферма {farm}. Дайте демо-ферме отдельную папку: npm start -- --demo --home ПАПКА',
  'shells.demo.notSaid':
    'Программа, в которой открыта эта папка, не создаёт демо-ферм. Возможно, она старее этой: завершите её и запустите снова.',
  'shells.demo.started':
    'Демо-ферма работает. Её адреса оканчиваются на {domain}. Создайте что-нибудь: npm run -s farm -- instances create --name anna --package tiddlywiki',
} satisfies Record<keyof typeof english, string>;
