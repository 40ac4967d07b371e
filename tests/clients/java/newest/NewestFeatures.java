// What a member can do with the newest client only.

import java.time.Duration;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;

final class NewestFeatures extends Member.Features {
  // The broker resolves the expression where the protocol lets it.
  @Override
  void subscribe(KafkaConsumer<?, ?> consumer, String pattern, Member member) {
    if (member.isOfNewProtocol()) {
      consumer.subscribe(new SubscriptionPattern(pattern), member);
    } else {
      super.subscribe(consumer, pattern, member);
    }
  }

  @Override
  void close(KafkaConsumer<?, ?> consumer, Duration timeout, Boolean leave) {
    GroupMembershipOperation operation = leave == null ? GroupMembershipOperation.DEFAULT
        : leave ? GroupMembershipOperation.LEAVE_GROUP
        : GroupMembershipOperation.REMAIN_IN_GROUP;
    consumer.close(CloseOptions.timeout(timeout).withGroupMembershipOperation(operation));
  }
}
