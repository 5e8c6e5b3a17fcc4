/** Play now: an approved item to all loudspeakers of a unit at once, and what came of it at each. */
import { NotificationOutlined } from '@ant-design/icons'
import { useTranslation } from 'react-i18next'
import { useOrders } from '@/app/queries'
import { useUser } from '@/app/session'
import { Answer, Empty, Page } from '@/components/page'
import { mayAnywhere } from '@/lib/roles'
import { OrderCard } from './order_card'
import { PlayForm } from './play_form'
import '@/styles/orders.css'

export function Component() {
  const { t } = useTranslation()
  const user = useUser()
  const orders = useOrders()
  const commands = mayAnywhere(user, 'command')
  return (
    <Page title={t('orders.title')} lead={t('orders.lead')}>
      <div className="orders">
        {commands && <PlayForm />}
        <section aria-label={t('orders.latest')}>
          <h2 className="orders-head">{t('orders.latest')}</h2>
          <Answer query={orders} rows={6}>
            {(data) =>
              data.length === 0 ? (
                <Empty
                  icon={<NotificationOutlined />}
                  title={t('orders.empty')}
                  hint={t('orders.empty_hint')}
                />
              ) : (
                <div className="order-list">
                  {data.map((order, index) => (
                    <OrderCard key={order.id} order={order} open={index === 0} mayCancel={commands} />
                  ))}
                </div>
              )
            }
          </Answer>
        </section>
      </div>
    </Page>
  )
}
