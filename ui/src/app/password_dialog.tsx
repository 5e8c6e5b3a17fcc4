import { useMutation } from '@tanstack/react-query'
import { App, Form, Input, Modal } from 'antd'
import { useTranslation } from 'react-i18next'
import { ProblemNotice } from '@/components/page'
import { useSession } from './session'

interface Fields {
  current: string
  next: string
  again: string
}

export default function PasswordDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const { changePassword } = useSession()
  const [form] = Form.useForm<Fields>()
  const change = useMutation({
    mutationFn: ({ current, next }: Fields) => changePassword(current, next),
    onSuccess: () => {
      void message.success(t('person.password_changed'))
      onClose()
    },
  })
  return (
    <Modal
      open
      title={t('person.change_password')}
      okText={t('person.change_password')}
      confirmLoading={change.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(fields) => change.mutate(fields)}>
        {change.error !== null && <ProblemNotice error={change.error} />}
        <Form.Item
          name="current"
          label={t('person.current_password')}
          rules={[{ required: true, message: t('form.required') }]}
        >
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item
          name="next"
          label={t('person.new_password')}
          extra={t('form.password_hint')}
          rules={[{ required: true, min: 12, message: t('form.password_hint') }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="again"
          label={t('person.new_password_again')}
          dependencies={['next']}
          rules={[
            { required: true, message: t('form.required') },
            ({ getFieldValue }) => ({
              validator: (_rule, value: string) =>
                value === getFieldValue('next')
                  ? Promise.resolve()
                  : Promise.reject(new Error(t('person.passwords_differ'))),
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
      </Form>
    </Modal>
  )
}
