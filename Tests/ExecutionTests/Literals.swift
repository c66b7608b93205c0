import NFVModel
import VIMProtocol

extension ResourceHandle: ExpressibleByStringLiteral {
  package init(stringLiteral value: String) { self.init(value) }
}

extension EffectToken: ExpressibleByStringLiteral {
  package init(stringLiteral value: String) { self.init(value) }
}
