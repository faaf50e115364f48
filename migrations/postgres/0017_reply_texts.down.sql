-- Replies that are running lose the text since their last call, and start over.
drop table reply_texts;
