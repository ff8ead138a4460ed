import type { certificates as english } from '../en/certificates.ts';

export const certificates = {
  'certificates.page.title': 'Сертификаты',
  'certificates.page.says':
    '{count, plural, =0 {Пока ни одного} one {# сертификат} few {# сертификата} many {# сертификатов} other {# сертификата}}. {alerts, plural, =0 {Все действительны.} one {# требует внимания.} few {# требуют внимания.} many {# требуют внимания.} other {# требуют внимания.}}',
  'certificates.page.loading': 'Получаем список сертификатов',
  'certificates.page.failed': 'Сертификаты не удалось получить',
  'certificates.page.list': 'Сертификаты',
  'certificates.page.empty.title': 'Сертификатов ещё нет',
  'certificates.page.empty.says': 'Пробный сертификат с подстановкой появляется вместе с доменом фермы. Сначала добавьте домен.',
  'certificates.page.empty.act': 'К доменам',
  'certificates.page.column.names': 'Сертификат',
  'certificates.page.column.state': 'Состояние',
  'certificates.page.column.from': 'Откуда',
  'certificates.page.column.servers': 'Где стоит',
  'certificates.page.column.ends': 'Действует ещё',
  'certificates.page.servers':
    '{count, plural, =0 {нигде} one {на # сервере} few {на # серверах} many {на # серверах} other {на # сервера}}',
  'certificates.page.days': '{days, plural, one {# день} few {# дня} many {# дней} other {# дня}}',
  'certificates.page.months': '{months, plural, one {# месяц} few {# месяца} many {# месяцев} other {# месяца}}',
  'certificates.page.years': '{years, plural, one {# год} few {# года} many {# лет} other {# года}}',
  'certificates.page.ended': 'истёк',
  'certificates.page.timeline': 'Сколько действует каждый сертификат',
  'certificates.page.timeline.today': 'сегодня',
  'certificates.page.timeline.until': 'до {date}',
  'certificates.state.valid': 'Действует',
  'certificates.state.ends-soon': 'Истекает через {days, plural, one {# день} few {# дня} many {# дней} other {# дня}}',
  'certificates.state.ended': 'Истёк',
  'certificates.kind.site-authority': 'Центр сертификации фермы',
  'certificates.kind.site-authority.says':
    'Подписывает пробные сертификаты этой фермы, и только их. Единственный, которому людей просят доверять.',
  'certificates.kind.test-wildcard.says':
    'Обслуживает каждый экземпляр под своим именем и вовремя обновляется сам. Браузеры предупреждают, пока не доверяют центру сертификации фермы.',
  'certificates.alert.title':
    '{name}: {ended, select, yes {срок истёк} other {осталось {days, plural, one {# день} few {# дня} many {# дней} other {# дня}}}}',
  'certificates.alert.says': 'Выпустите его заново: он сразу попадёт на все серверы, и ни одно соединение не прервётся.',
  'certificates.detail.title': 'Подробности: {name}',
  'certificates.detail.names': 'Имена',
  'certificates.detail.validity': 'Действует',
  'certificates.detail.validityValue': 'с {from} по {until}',
  'certificates.detail.issuer': 'Кем подписан',
  'certificates.detail.key': 'Ключ',
  'certificates.detail.serial': 'Серийный номер',
  'certificates.detail.fingerprint': 'Отпечаток (SHA-256)',
  'certificates.detail.fingerprint.copy': 'Скопировать отпечаток',
  'certificates.detail.copied': 'Скопировано',
  'certificates.detail.servers': 'На серверах',
  'certificates.detail.moreServers': '{count, plural, one {и ещё #} few {и ещё #} many {и ещё #} other {и ещё #}}',
  'certificates.detail.noServers':
    'Ни на одном сервере. {kind, select, authority {Там он и не нужен.} other {Серверы получают его, когда присоединяются.}}',
  'certificates.detail.trusted': 'Известен браузерам',
  'certificates.detail.trusted.yes': 'Да, везде',
  'certificates.detail.trusted.no': 'Нет, только там, где доверяют центру сертификации фермы',
  'certificates.detail.download': 'Скачать как PEM',
  'certificates.detail.downloadSays': 'Сертификат с цепочкой. Ключ никогда не покидает ферму.',
  'certificates.renew.act': 'Выпустить заново',
  'certificates.renew.title': 'Выпустить {name} заново?',
  'certificates.renew.says':
    'Новый ключ и сертификат попадут {servers, plural, =0 {на каждый сервер, который присоединится} one {на # сервер} few {на # сервера} many {на # серверов} other {на # сервера}}. Адреса и открытые соединения сохранятся. Старый больше не используется.',
  'certificates.renew.confirm': 'Выпустить заново',
  'certificates.renew.keep': 'Оставить нынешний',
  'certificates.renew.done': '{name} выпущен заново.',
  'certificates.authority.title': 'Доверять этой ферме на компьютере или телефоне',
  'certificates.authority.says':
    'Пробные сертификаты подписаны центром сертификации этой фермы. Браузер предупреждает, пока ему не доверяет. Подписывать он может только домены этой фермы.',
  'certificates.authority.download': 'Скачать сертификат центра',
  'certificates.authority.done': 'Сохранено как {file}.',
  'certificates.authority.systems': 'Шаги для',
  'certificates.trust.windows': 'Windows',
  'certificates.trust.windows.steps':
    'Откройте файл и выберите «Установить сертификат».\nВыберите «Текущий пользователь», затем «Поместить все сертификаты в следующее хранилище».\nВыберите «Доверенные корневые центры сертификации» и ответьте «Да» на вопрос.\nЗакройте все окна Edge или Chrome и откройте их снова.',
  'certificates.trust.macos': 'macOS',
  'certificates.trust.macos.steps':
    'Откройте файл: «Связка ключей» спросит, куда его поместить. Выберите «Вход».\nНайдите его в списке, откройте и разверните «Доверие».\nДля SSL выберите «Всегда доверять», закройте окно и введите пароль.',
  'certificates.trust.linux': 'Linux',
  'certificates.trust.linux.steps':
    'Chrome и Chromium: «Настройки», «Конфиденциальность и безопасность», «Безопасность», «Управление сертификатами» — импортируйте файл в разделе «Пользовательские».\nВся система в Debian или Ubuntu: положите файл в /usr/local/share/ca-certificates/ и выполните: sudo update-ca-certificates',
  'certificates.trust.firefox': 'Firefox',
  'certificates.trust.firefox.steps':
    'Откройте «Настройки», «Приватность и защита» и найдите внизу «Сертификаты».\nВыберите «Просмотр сертификатов», «Центры сертификации», «Импортировать» и укажите файл.\nОтметьте «Доверять при идентификации веб-сайтов».',
  'certificates.trust.android': 'Android',
  'certificates.trust.android.steps':
    'Перенесите файл на телефон.\nОткройте «Настройки», «Безопасность», «Шифрование и учётные данные», «Установка сертификатов», «Сертификат ЦС».\nПримите предупреждение и выберите файл.',
  'certificates.trust.ios': 'iPhone и iPad',
  'certificates.trust.ios.steps':
    'Отправьте файл на устройство и откройте его там: он загрузится как профиль.\nОткройте «Настройки», «Основные», «VPN и управление устройством» и установите профиль.\nОткройте «Настройки», «Основные», «Об этом устройстве», «Доверие сертификатам» и включите его.',
} satisfies Record<keyof typeof english, string>;
