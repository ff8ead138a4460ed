import type { alerts as english } from '../en/alerts.ts';

export const alerts = {
  'alerts.instance-missing.word': 'Пропал',
  'alerts.instance-missing.title': '{name} больше нет на сервере {server}',
  'alerts.instance-missing.cause':
    'Агент не знает такого экземпляра. Здесь его никто не удалял, так что данные могли пропасть: сначала поищите копию, потом создавайте заново.',
  'alerts.instance-missing.act': 'Посмотреть, что известно',
  'alerts.server-drift.word': 'Не в порядке',
  'alerts.server-drift.title':
    '{what, select, route {Путь к {name}} certificate {Сертификат {name}} other {Пакеты приложений}} на сервере {server} не удалось привести в порядок',
  'alerts.server-drift.cause': '{failure} Попытки повторяются сами.',
  'alerts.server-drift.act': 'Открыть сервер',
  'alerts.instance-down.word': 'Не работает',
  'alerts.instance-down.title': '{name} не может работать',
  'alerts.instance-down.cause': 'Приложение на сервере {server} не запущено, и здесь его никто не останавливал.',
  'alerts.instance-down.act': 'Узнать причину',
  'alerts.instance-crash-loop.word': 'Падает',
  'alerts.instance-crash-loop.title': '{name} падает раз за разом',
  'alerts.instance-crash-loop.cause':
    '{exitCode, select, memoryLimit {Приложение на сервере {server} занимает больше памяти, чем даёт тариф, и за это его завершают. Оно запускается снова само, не чаще раза в минуту.} processLimit {Приложение на сервере {server} запускает больше процессов, чем можно, и за это его завершают. Оно запускается снова само, не чаще раза в минуту.} diskLimit {Приложение на сервере {server} заняло на диске на десятую часть больше, чем даёт тариф, и было завершено. Когда данных станет меньше, оно запустится само. Сразу поможет тариф больше.} other {Приложение на сервере {server} завершается сразу после запуска. Оно запускается снова само, не чаще раза в минуту.}}',
  'alerts.instance-crash-loop.act': 'Открыть журнал',
  'alerts.instance-disk.word': 'Место кончается',
  'alerts.instance-disk.title':
    '{isOver, select, yes {{name} занимает на диске больше, чем даёт тариф} other {{name} занимает девять десятых своего места на диске}}',
  'alerts.instance-disk.cause':
    'Занято {percent} % от того, что даёт тариф. Выше 110 % приложение завершается, чтобы не отнять диск сервера {server} у всех остальных. Дайте ему тариф больше, или пусть клиент уберёт лишнее.',
  'alerts.instance-disk.act': 'Посмотреть',
  'alerts.instance-unhealthy.word': 'Плохо отвечает',
  'alerts.instance-unhealthy.title': '{name} запущен, но отвечает плохо',
  'alerts.instance-unhealthy.cause': 'Его собственная проверка на сервере {server} не проходит. Клиент, вероятно, видит ошибку.',
  'alerts.instance-unhealthy.act': 'Узнать причину',
  'alerts.job-stopped.word': 'Задание стоит',
  'alerts.job-stopped.title': '{title}: остановка на шаге {step} из {steps}',
  'alerts.job-stopped.cause': 'Каждый шаг записан: задание можно продолжить или отменить.',
  'alerts.job-stopped.act': 'Продолжить или отменить',
  'alerts.server-agent.word': 'Агент молчит',
  'alerts.server-agent.title': 'Агент сервера {server} не отвечает',
  'alerts.server-agent.cause':
    'Сам сервер отвечает. {edge, select, reached {{instances, plural, =0 {Экземпляров на нём нет.} one {Адрес {instances} экземпляра открывается, просто программа его не видит.} other {Адреса {instances} экземпляров открываются, просто программа их не видит.}}} dark {{instances, plural, =0 {Экземпляров на нём нет.} one {Адрес {instances} экземпляра тоже не открывается.} other {Адреса {instances} экземпляров тоже не открываются.}}} other {{instances, plural, =0 {Экземпляров на нём нет.} one {Открывается ли адрес {instances} экземпляра, ещё не проверено.} other {Открываются ли адреса {instances} экземпляров, ещё не проверено.}}}}',
  'alerts.server-agent.act': 'Как исправить',
  'alerts.server-network.word': '{mayBeAgent, select, yes {Нет ответа} other {Нет связи}}',
  'alerts.server-network.title': '{mayBeAgent, select, yes {Сервер {server} не отвечает} other {До сервера {server} не добраться}}',
  'alerts.server-network.cause':
    '{mayBeAgent, select, yes {Завис его агент, или дело в сети, межсетевом экране или питании. Если адреса клиентов открываются, дело в агенте.} other {Сеть, межсетевой экран или питание: отсюда их не различить.}} {instances, plural, =0 {Экземпляров на нём нет.} one {На нём {instances} экземпляр.} few {На нём {instances} экземпляра.} other {На нём {instances} экземпляров.}}',
  'alerts.server-network.act': 'Как исправить',
  'alerts.server-clock.word': 'Часы врут',
  'alerts.server-clock.title': 'Часы сервера {server} идут неверно',
  'alerts.server-clock.cause': 'Сертификатам и графикам нужно точное время. Поставьте часы там или на этом компьютере.',
  'alerts.server-clock.act': 'Как исправить',
  'alerts.server-disk.word': '{isFull, select, yes {Нет места} other {Мало места}}',
  'alerts.server-disk.title': '{isFull, select, yes {Диск сервера {server} полон} other {Диск сервера {server} почти полон}}',
  'alerts.server-disk.cause':
    '{isFull, select, yes {Там, где лежит {path}, осталось {freeMegabytes} МБ. Записанное клиентами может пропасть.} other {Занято {percent} %. Новые экземпляры пойдут на другие серверы.}}',
  'alerts.server-disk.act': 'Открыть сервер',
  'alerts.server-edge.word': '{problem, select, portTaken {Порт занят} other {Вход молчит}}',
  'alerts.server-edge.title':
    '{problem, select, deaf {Входной узел сервера {server} не принимает изменений} other {Посетители не попадают на сервер {server}}}',
  'alerts.server-edge.cause':
    '{problem, select, portTaken {{owner, select, unknown {Другая программа} other {Программа {owner}}} заняла порт {port}, который нужен входному узлу. Узел займёт его сам, когда он освободится.} notListening {Система не даёт входному узлу порт {port} ({cause}).} failed {Входной узел не запускается ({cause}). Агент пробует снова.} outside {По адресу {address} отсюда никто не отвечает ({cause}).} deaf {Посетители обслуживаются, но новые адреса и сертификаты туда не попадают.} other {Входной узел, который принимает посетителей, не отвечает. Агент запускает его снова.}} {instances, plural, =0 {Экземпляров на нём нет.} one {На нём {instances} экземпляр.} few {На нём {instances} экземпляра.} other {На нём {instances} экземпляров.}}',
  'alerts.server-edge.act': 'Открыть сервер',
  'alerts.server-isolation.word': '{reason, select, none {Нет своих пользователей} other {Не запускает приложения}}',
  'alerts.server-isolation.title':
    '{reason, select, none {На сервере {server} {waiting, plural, one {{waiting} приложение работает} few {{waiting} приложения работают} other {{waiting} приложений работают}} без своего пользователя} other {Сервер {server} не запускает приложения}}',
  'alerts.server-isolation.cause':
    '{reason, select, none {{waiting, plural, one {Его} other {Их}} запустил прежний агент. Свой пользователь появится при следующем перезапуске.} noUsers {Агент работает от имени root, а система не даёт ему сменить пользователя. Запустите агент от обычного пользователя или дайте контейнеру права CHOWN, DAC_OVERRIDE, KILL, SETUID и SETGID.} other {Агент работает от имени root, а пользователи приложений не могут пройти через папку {path}. Откройте проход: chmod o+x {path}}}',
  'alerts.server-isolation.act': 'Открыть сервер',
  'alerts.server-redirect.word': 'Нет входа по HTTP',
  'alerts.server-redirect.title': 'Сервер {server} не переводит с HTTP на HTTPS',
  'alerts.server-redirect.cause':
    '{owner, select, unknown {Входной узел не может занять порт {port} ({cause}).} other {Порт {port} заняла программа {owner}.}} Адреса с https открываются.',
  'alerts.server-redirect.act': 'Открыть сервер',
  'alerts.server-identity.word': 'Чужой агент',
  'alerts.server-identity.title': 'По адресу сервера {server} отвечает кто-то другой',
  'alerts.server-identity.cause': 'Ключ не тот, с которым сервер вошёл в ферму. Пока это не выяснено, туда ничего не отправляется.',
  'alerts.server-identity.act': 'Как исправить',
  'alerts.home-disk.word': '{isFull, select, yes {Нет места} other {Мало места}}',
  'alerts.home-disk.title': '{isFull, select, yes {Диск с данными этой фермы полон} other {Диск с данными этой фермы почти полон}}',
  'alerts.home-disk.cause':
    'На этом компьютере, где лежит {path}, осталось {freeMegabytes} МБ. {isFull, select, yes {Ничего нового не сохранить. Освободите место; удалять по-прежнему можно.} other {Освободите место, пока ещё можно сохранять.}}',
  'alerts.home-disk.act': 'Открыть настройки',
  'alerts.name-server.word': 'Имена без ответа',
  'alerts.name-server.title': 'Сервер имён этой программы не отвечает',
  'alerts.name-server.cause':
    'Его процесс завершился, завис или не запускается. Он запустится снова сам, изменения ждут его; почему он завершился, записано в core.log домашней папки.',
  'alerts.name-server.act': 'К доменам',
  'alerts.certificate-ends.word': 'Скоро кончится',
  'alerts.certificate-ends.title': 'Сертификат для {names} скоро кончится',
  'alerts.certificate-ends.cause': 'После этого браузеры будут предупреждать каждого посетителя.',
  'alerts.certificate-ends.act': 'Продлить',
  'alerts.certificate-ended.word': 'Кончился',
  'alerts.certificate-ended.title': 'Сертификат для {names} кончился',
  'alerts.certificate-ended.cause': 'Браузеры сейчас предупреждают каждого посетителя.',
  'alerts.certificate-ended.act': 'Продлить',
  'alerts.program-fault.word': 'Сбой здесь',
  'alerts.program-fault.title': 'Сбой в самой программе: {reference}',
  'alerts.program-fault.cause':
    '{count, plural, one {Она работает дальше, экземпляры работают и без неё.} few {С её запуска их было {count}, это последний. Она работает дальше, экземпляры работают и без неё.} other {С её запуска их было {count}, это последний. Она работает дальше, экземпляры работают и без неё.}} Остальное под этим номером в её журнале, в домашней папке: передайте их тому, кто сопровождает программу. Через сутки эта строка исчезнет.',
  'alerts.program-fault.act': 'Где домашняя папка',
} satisfies Record<keyof typeof english, string>;
